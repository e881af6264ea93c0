import { expect, test } from 'vitest'
import { atDeadline, deadlineText, drainAdvice, drainHeadline, drainProgress } from './drain-words.ts'

const DRAIN = {
  Number: 1,
  Reason: '',
  By: 'ada',
  Since: null,
  Deadline: null,
  CancelAtDeadline: false,
  UndrainAt: null,
  Retire: false,
}
const node = (left: number, more: { Retire?: boolean; IsOffline?: boolean } = {}) => ({
  Drain: { ...DRAIN, Retire: more.Retire ?? false },
  RunningTaskCount: left,
  IsOffline: more.IsOffline ?? false,
})

test.each([
  [node(1), '1 task is left', /starts nothing new/],
  [node(3), '3 tasks are left', /starts nothing new/],
  [node(0), 'Nothing runs any more', /can be stopped/],
  [node(0, { Retire: true }), 'Nothing runs any more, so it leaves the cluster', /stops by itself/],
  [node(2, { IsOffline: true }), 'Drain is on while the node is offline', /when it starts again/],
])('a drain says how far it is: %j', (draining, headline, advice) => {
  expect(drainHeadline(draining)).toBe(headline)
  expect(drainAdvice(draining)).toMatch(advice)
})

test.each([
  [250_000, 'In 4 min 10 s'],
  [249_500, 'In 4 min 10 s'],
  [1, 'In 1 s'],
  [0, 'Passed just now'],
  [-130_000, 'Passed 2 min ago'],
])('a deadline in %i ms', (distance, text) => {
  expect(deadlineText(1_000_000 + distance, 1_000_000)).toBe(text)
})

test.each([
  [true, false, /then is cancelled/],
  [true, true, /was cancelled/],
  [false, false, /Nothing is cancelled then/],
  [false, true, /What still runs goes on/],
])('what the deadline does (cancels: %s, passed: %s)', (cancels, hasPassed, words) => {
  expect(atDeadline(cancels, hasPassed)).toMatch(words)
})

test('progress counts what is left and what has ended', () => {
  expect(drainProgress(2, 3)).toEqual({ ended: 3, of: 5, text: '3 of 5 ended since the drain began' })
})
