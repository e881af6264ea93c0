import { expect, test } from 'vitest'
import { drainOptions, NO_OPTIONS } from './drain-wish.ts'

const now = new Date('2026-01-01T00:00:00Z')

test("a moment is a date, or counted from the database's clock", () => {
  const options = drainOptions(
    { deadline: { inMs: 60_000 }, undrainAt: new Date('2026-01-01T01:00:00Z'), cancelAtDeadline: true },
    NO_OPTIONS,
    now,
  )
  expect(options).toEqual({
    reason: null,
    deadline: new Date('2026-01-01T00:01:00Z'),
    cancelAtDeadline: true,
    undrainAt: new Date('2026-01-01T01:00:00Z'),
  })
})

test('what a later wish leaves out stays as it is, and null takes it away', () => {
  const before = drainOptions(
    { reason: 'patching', deadline: { inMs: 60_000 }, cancelAtDeadline: true },
    NO_OPTIONS,
    now,
  )
  expect(drainOptions({}, before, now)).toEqual(before)
  expect(drainOptions({ reason: null, deadline: null }, before, now)).toEqual(NO_OPTIONS)
})

test('what cannot be kept is refused with a sentence', () => {
  const refused = (wish: Parameters<typeof drainOptions>[0]) => () => drainOptions(wish, NO_OPTIONS, now)
  expect(refused({ deadline: now })).toThrow(/deadline .* is not in the future/)
  expect(refused({ undrainAt: { inMs: -1 } })).toThrow(/automatic undrain .* is not in the future/)
  expect(refused({ deadline: new Date(Number.NaN) })).toThrow(/no date/)
  expect(refused({ cancelAtDeadline: true })).toThrow(/give a deadline as well/)
  expect(refused({ reason: 'x'.repeat(501) })).toThrow(/501 characters/)
  expect(refused({ reason: 'a\u0007b' })).toThrow(/control characters/)
})
