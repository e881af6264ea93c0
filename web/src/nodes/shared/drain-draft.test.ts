import { expect, test } from 'vitest'
import type { Drain } from '../../api/wire.ts'
import { draftOf, spanMs, spanProblem, wishOf } from './drain-draft.ts'

const NOW = Date.parse('2026-01-01T12:00:00Z')
const DRAIN: Drain = {
  Number: 1,
  Reason: 'New kernel',
  By: 'admin',
  Since: '2026-01-01T11:00:00.000+00:00',
  Deadline: '2026-01-01T13:00:00.000+00:00',
  CancelAtDeadline: true,
  UndrainAt: null,
  Retire: false,
}

test.each([
  ['1h30m', 5_400_000],
  ['90m', 5_400_000],
  [' 2H ', 7_200_000],
  ['1h 30m', 5_400_000],
  ['1.5d', 129_600_000],
])('%s is %i ms', (text, ms) => expect(spanMs(text)).toBe(ms))

test.each(['', 'soon', '90', '-5m', '1x', '1m30'])('“%s” is refused with a sentence', (text) => {
  expect(spanProblem(text)).toMatch(/1h30m/)
})

test('a duration has limits', () => {
  expect(spanProblem('0m')).toMatch(/too short/)
  expect(spanProblem('400d')).toMatch(/too long/)
  expect(spanProblem('365d')).toBeUndefined()
})

test('a fresh drain says no moments unless they are chosen, and counts them from now', () => {
  expect(wishOf(draftOf(null), NOW)).toEqual({
    wish: { Reason: '', CancelAtDeadline: false, Deadline: null, UndrainAt: null },
  })
  const draft = {
    ...draftOf(null),
    deadline: '15m',
    cancelAtDeadline: true,
    undrain: 'custom',
    undrainText: '1h30m',
  } as const
  expect(wishOf(draft, NOW)).toEqual({
    wish: {
      Reason: '',
      CancelAtDeadline: true,
      Deadline: '2026-01-01T12:15:00.000Z',
      UndrainAt: '2026-01-01T13:30:00.000Z',
    },
  })
})

test('of a drain that is on the deadline stays unless it is changed or taken away', () => {
  const draft = draftOf(DRAIN)
  expect(wishOf(draft, NOW)).toEqual({ wish: { Reason: 'New kernel', CancelAtDeadline: true, UndrainAt: null } })
  expect(wishOf({ ...draft, deadline: 'none' }, NOW)).toMatchObject({
    wish: { Deadline: null, CancelAtDeadline: false },
  })
})

test('what is wrong is said beside its field', () => {
  const draft = { ...draftOf(null), deadline: 'custom', deadlineText: 'soon', undrain: 'custom' } as const
  expect(wishOf(draft, NOW)).toEqual({
    problems: {
      deadline: '“soon” is not a duration. Write for example 1h30m, 45m or 2d.',
      undrain: 'Enter a duration such as 1h30m.',
    },
  })
  expect(wishOf({ ...draftOf(null), reason: 'x'.repeat(501) }, NOW)).toEqual({
    problems: { reason: 'At most 500 characters.' },
  })
})
