import { expect, test } from 'vitest'
import { lostSentence } from './lost-words.ts'

const LOST = { RerunTaskId: null }
const RERUN = { RerunTaskId: 'ServerTasks-9' }

test('what an offline node ran is told, settled or not', () => {
  expect(lostSentence(0, undefined)).toBe('')
  expect(lostSentence(0, [])).toBe('It lost no tasks.')
  expect(lostSentence(1, [])).toBe('It was running 1 task, not settled yet.')
  expect(lostSentence(2, [LOST])).toBe('It was running 2 tasks, not settled yet. It lost 1 task.')
  expect(lostSentence(0, [LOST, RERUN, LOST])).toBe('It lost 3 tasks, of which 1 ran again.')
  expect(lostSentence(0, [RERUN, RERUN])).toBe('It lost 2 tasks, which ran again.')
})
