import { expect, test } from 'vitest'
import { backOffMs, READ_STEPS, STREAM_STEPS } from './back-off.ts'

test.each([
  [0, 0, 300],
  [0, 0.5, 600],
  [0, 1, 900],
  [1, 0.5, 1200],
  [5, 0.5, 15_000],
  [500, 1, 22_500],
])('after %i failures, by chance %d, the stream waits %i ms', (failures, random, expected) => {
  expect(backOffMs(failures, random, STREAM_STEPS)).toBe(expected)
})

test('a hundred tabs come back over a second, not at once', () => {
  const waits = Array.from({ length: 100 }, (_, index) => backOffMs(0, index / 100, STREAM_STEPS))
  expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(500)
})

test('one failed read holds nothing up, and reads are never further apart than a few seconds', () => {
  expect(backOffMs(0, 1, READ_STEPS)).toBe(0)
  expect(backOffMs(1, 0, READ_STEPS)).toBeGreaterThan(0)
  expect(backOffMs(1000, 1, READ_STEPS)).toBeLessThanOrEqual(7500)
})
