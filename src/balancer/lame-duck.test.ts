import { expect, test } from 'vitest'
import type { Clock } from '../lib/clock.ts'
import { LameDuck } from './lame-duck.ts'

/** Time that moves only when somebody waits. */
function steppingClock(): Clock & { nowMs: number; onStep: (nowMs: number) => void } {
  const clock = {
    nowMs: 0,
    onStep: (_nowMs: number) => {},
    monotonicMs: () => clock.nowMs,
    async sleep(ms: number, signal?: AbortSignal) {
      signal?.throwIfAborted()
      clock.nowMs += ms
      clock.onStep(clock.nowMs)
      signal?.throwIfAborted()
    },
  }
  return clock
}

function effects(inFlight: () => number) {
  const seen: string[] = []
  return {
    seen,
    endStreams: () => void seen.push('streams ended'),
    closeIdleConnections: () => void seen.push('idle closed'),
    requestsInFlight: inFlight,
  }
}

test('the ping fails first, requests go on for the lame duck time, then connections are closed', async () => {
  const clock = steppingClock()
  const duck = new LameDuck({ lameDuckMs: 10_000, requestDeadlineMs: 5000, clock })
  const http = effects(() => 0)
  expect([duck.isStopping, duck.isClosing]).toEqual([false, false])
  const ended = duck.run(http)
  expect([duck.phase, duck.isStopping, duck.isClosing]).toEqual(['lame', true, false])
  expect(http.seen).toEqual([])
  await ended
  expect([duck.phase, duck.isStopping, duck.isClosing]).toEqual(['quiet', true, true])
  expect(clock.nowMs).toBe(10_000)
  expect(http.seen).toEqual(['streams ended', 'idle closed'])
})

test('requests in flight are waited for, and no longer than that', async () => {
  const clock = steppingClock()
  let inFlight = 2
  clock.onStep = (nowMs) => {
    if (nowMs >= 1200) inFlight = 0
  }
  const duck = new LameDuck({ lameDuckMs: 1000, requestDeadlineMs: 5000, clock })
  await duck.run(effects(() => inFlight))
  expect(clock.nowMs).toBe(1200)
})

test('a request that never ends does not hold the stop beyond its deadline', async () => {
  const clock = steppingClock()
  const duck = new LameDuck({ lameDuckMs: 0, requestDeadlineMs: 5000, clock })
  await duck.run(effects(() => 1))
  expect(clock.nowMs).toBe(5000)
  expect(duck.phase).toBe('quiet')
})

test('a second signal ends every wait at once', async () => {
  const clock = steppingClock()
  const hurry = new AbortController()
  clock.onStep = () => hurry.abort()
  const duck = new LameDuck({ lameDuckMs: 3000, requestDeadlineMs: 5000, clock })
  const http = effects(() => 1)
  await duck.run(http, hurry.signal)
  expect(clock.nowMs).toBe(3000)
  expect(http.seen).toEqual(['streams ended', 'idle closed'])
  await expect(duck.run(http)).rejects.toThrow('already stopping')
})
