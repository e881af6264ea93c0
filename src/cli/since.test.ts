import { expect, test } from 'vitest'
import { readPastMoment, sinceForApi, sinceOption } from './since.ts'

const NOW = new Date('2026-03-01T12:00:00Z')

test.each([
  ['30m', '2026-03-01T11:30:00.000Z'],
  ['1d', '2026-02-28T12:00:00.000Z'],
  ['2026-02-27T09:00Z', '2026-02-27T09:00:00.000Z'],
])('since %s is %s', (text, at) => {
  const moment = readPastMoment(text, NOW)
  expect(moment && sinceForApi(moment, NOW.getTime())).toBe(at)
})

test('a time of day is the last one, never one to come', () => {
  for (const text of ['00:00', '11:59', '12:00', '23:59']) {
    const moment = readPastMoment(text, NOW)
    const ago = NOW.getTime() - (moment && 'at' in moment ? moment.at.getTime() : Number.NaN)
    expect(ago).toBeGreaterThanOrEqual(0)
    expect(ago).toBeLessThanOrEqual(86_400_000)
  }
})

test('what is no moment is wrong usage', () => {
  expect(() => sinceOption('lately')).toThrow('Write how long ago')
})
