import { expect, test } from 'vitest'
import { capSentence, readCap } from './cap-text.ts'

test.each([
  ['0', 0],
  [' 12 ', 12],
  ['1000', 1000],
])('“%s” is a cap', (text, cap) => expect(readCap(text)).toEqual({ cap }))

test.each(['', '-1', '1001', '1.5', '1e3', 'five', '99999999999999'])('“%s” is refused', (text) => {
  expect(readCap(text)).toEqual({ problem: 'A task cap is a whole number from 0 to 1000.' })
})

test('the toast says what a lowered cap does to what runs', () => {
  expect(capSentence('node-a', 7, 5)).toBe('The task cap of node-a is 7.')
  expect(capSentence('node-a', 2, 5)).toMatch(/It runs 5, and starts none/)
  expect(capSentence('node-a', 0, 5)).toMatch(/starts no tasks/)
})
