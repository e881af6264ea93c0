import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../lib/clock.ts'
import { durationOption, momentForApi, momentOption, readMoment } from './when.ts'

const now = new Date(2026, 2, 1, 12, 0, 0)

test.each([
  ['30m', 30 * MINUTE],
  ['2h', 2 * HOUR],
  ['1h30m', 90 * MINUTE],
  ['45', 45_000],
  [' 1d ', DAY],
])('%j is a while from now', (text, afterMs) => {
  expect(readMoment(text, now)).toEqual({ afterMs })
})

test.each([
  ['2026-03-01T17:00Z', Date.UTC(2026, 2, 1, 17)],
  ['2026-03-01T17:00:30+02:00', Date.UTC(2026, 2, 1, 15, 0, 30)],
  ['2026-03-01 17:00', new Date(2026, 2, 1, 17).getTime()],
  ['2026-03-02', new Date(2026, 2, 2).getTime()],
  ['17:30', new Date(2026, 2, 1, 17, 30).getTime()],
  ['9:15', new Date(2026, 2, 2, 9, 15).getTime()],
])('%j is a date', (text, at) => {
  expect(readMoment(text, now)).toEqual({ at: new Date(at) })
})

test.each(['', 'soon', '2026-13-01', '2026-02-30T25:00', '24:00', '12:60', '-5m', '5 minutes'])(
  '%j is neither',
  (text) => {
    expect(readMoment(text, now)).toBeUndefined()
    expect(() => momentOption(text)).toThrow(/30m/)
  },
)

test('a duration goes to the API as one, so that the clock of this machine does not matter', () => {
  expect(momentForApi({ afterMs: 90_000 })).toBe('90s')
  expect(momentForApi({ afterMs: 250 })).toBe('250ms')
  expect(momentForApi({ at: new Date(Date.UTC(2026, 2, 1, 17)) })).toBe('2026-03-01T17:00:00.000Z')
})

test('a duration may also be written as the API writes it', () => {
  expect(durationOption('00:01:30')).toBe(90_000)
  expect(() => durationOption('a while')).toThrow(/90s/)
})
