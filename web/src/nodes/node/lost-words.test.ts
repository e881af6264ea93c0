import { expect, test } from 'vitest'
import { canRunAgain, lostSentence, rerunWords } from './lost-words.ts'

test('what has run again, or cannot, is not run again', () => {
  expect(canRunAgain({ RerunTaskId: null, CanRerun: true })).toBe(true)
  expect(canRunAgain({ RerunTaskId: 'ServerTasks-9', CanRerun: true })).toBe(false)
  expect(canRunAgain({ RerunTaskId: null, CanRerun: false })).toBe(false)
})

test.each([
  [2, 2, 1, 'Failed because the node was gone. 1 of 2 not run again yet.'],
  [2, 2, 0, 'Failed because the node was gone. None is left to run again.'],
  [2, 5, 2, 'The newest 2 of 5. Failed because the node was gone. 2 of 2 not run again yet.'],
])('%i of %i shown, %i open', (shown, total, open, sentence) => {
  expect(lostSentence({ Items: Array(shown), TotalResults: total }, open)).toBe(sentence)
})

test.each([
  [0, 3, 'Run all 3 again'],
  [2, 3, 'Run 2 again'],
  [0, 1, 'Run again'],
  [0, 0, 'Run again'],
])('%i chosen of %i', (chosen, open, words) => {
  expect(rerunWords(chosen, open)).toBe(words)
})
