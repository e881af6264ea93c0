import { expect, test } from 'vitest'
import { heldRows, newBefore } from './calm-rows.ts'

const rows = (...ids: number[]) => ids.map((id) => ({ Id: `ServerTasks-${id}`, mark: '' }))

test('what comes before the shown rows is new, what moved up from the next page is not', () => {
  expect(newBefore(rows(3, 2, 1), rows(5, 4, 3, 2, 1))).toBe(2)
  expect(newBefore(rows(3, 2, 1), rows(3, 1, 0))).toBe(0)
  expect(newBefore(rows(5, 3), rows(5, 4, 3))).toBe(1)
  expect(newBefore(rows(3, 2, 1), rows(9, 8, 7))).toBe(3)
  expect(newBefore(rows(3), [])).toBe(0)
})

test('held rows keep their order, and show what is known now', () => {
  const held = rows(3, 2, 1)
  const now = [{ Id: 'ServerTasks-2', mark: 'by id' }]
  const newest = [
    { Id: 'ServerTasks-4', mark: 'new' },
    { Id: 'ServerTasks-2', mark: 'newest' },
    { Id: 'ServerTasks-3', mark: 'newest' },
  ]
  expect(heldRows(held, now, newest).map(({ mark }) => mark)).toEqual(['newest', 'by id', ''])
})
