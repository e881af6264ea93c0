import { expect, test } from 'vitest'
import { agoText, durationText, timeSpanMs } from './dates.ts'

test.each([
  [-5, '0 s'],
  [0, '0 s'],
  [42_900, '42 s'],
  [60_000, '1 min'],
  [65_000, '1 min 5 s'],
  [7_380_000, '2 h 3 min'],
  [349_200_000, '4 d 1 h'],
])('%i ms last %s', (ms, text) => expect(durationText(ms)).toBe(text))

test.each([
  [10_000, 10_500, 'just now'],
  [10_000, 22_000, '12 s ago'],
  [200_000, 10_000, 'in 3 min'],
  [0, 86_400_000 * 2.5, '2 d ago'],
])('%i seen at %i is %s', (at, now, text) => expect(agoText(at, now)).toBe(text))

test.each([
  ['00:01:30', 90_000],
  ['1.02:00:00', 93_600_000],
  ['00:00:00.250', 250],
  ['soon', undefined],
])('the time span %s is %s ms', (text, ms) => expect(timeSpanMs(text)).toBe(ms))
