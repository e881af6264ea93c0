import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, formatTimeSpan, parseDuration, parseTimeSpan } from './duration.ts'

test.each([
  ['90', 90_000],
  ['90s', 90_000],
  ['1m30s', 90_000],
  ['250ms', 250],
  ['1.5h', 5_400_000],
  ['1d', 86_400_000],
  [' 2H ', 7_200_000],
])('%s is read as %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms))

test.each(['', 'soon', '-5s', '5 s', '1x', '1m30', 'NaN', 's'])('%s is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})

test('durations are shown in at most two units', () => {
  expect([0, 850, 90_000, 7_500_000, 3 * 86_400_000 + 4 * 3_600_000 + 5].map(formatDuration)).toEqual([
    '0s',
    '850ms',
    '1m 30s',
    '2h 5m',
    '3d 4h',
  ])
})

test('a time span survives being written and read, to the second', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_999_999 }), (seconds) => {
      expect(parseTimeSpan(formatTimeSpan(seconds * 1000))).toBe(seconds * 1000)
    }),
  )
})

test.each([
  ['00:05:00', 300_000],
  ['01.00:00:00', 86_400_000],
  ['1.02:03:04.5000000', 93_784_500],
])('the time span %s is %i ms', (text, ms) => expect(parseTimeSpan(text)).toBe(ms))

test.each(['24:00:00', '00:60:00', '5', '', '00:00'])('%s is no time span', (text) => {
  expect(parseTimeSpan(text)).toBeUndefined()
})
