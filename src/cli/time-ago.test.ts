import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../lib/clock.ts'
import { timeAgo, timeSince } from './time-ago.ts'

const now = Date.parse('2026-03-01T12:00:00.000Z')
const before = (ms: number) => new Date(now - ms).toISOString()

test.each([
  [0, 'now'],
  [1999, 'now'],
  [-1500, 'now'],
  [5_400, '5s ago'],
  [3 * MINUTE + 59_000, '3m ago'],
  [2 * HOUR, '2h ago'],
  [9 * DAY, '9d ago'],
  [-90_000, 'in 1m'],
])('%i ms ago reads %s', (ms, text) => {
  expect(timeAgo(before(ms), now)).toBe(text)
})

test('no date is no text', () => {
  expect(timeAgo(null, now)).toBe('')
  expect(timeSince(undefined, now)).toBe('')
})

test('a time that runs is told in two units, and never below zero', () => {
  expect(timeSince(before(130_000), now)).toBe('2m 10s')
  expect(timeSince(before(-5000), now)).toBe('0s')
})
