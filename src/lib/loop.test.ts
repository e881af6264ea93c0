import { expect, test } from 'vitest'
import { type Clock, systemClock } from './clock.ts'
import { silentLog } from './log.ts'
import { startLoop } from './loop.ts'

/** A clock that records each wait and ends it at once, or when told to. */
function recordingClock(waits: number[]): Clock {
  return {
    monotonicMs: () => 0,
    async sleep(ms, signal) {
      waits.push(ms)
      await systemClock.sleep(0, signal)
    },
  }
}

const base = { name: 'test', log: silentLog }

test('the wait grows with each failure, up to its limit, and is short again after a success', async () => {
  const waits: number[] = []
  const stop = new AbortController()
  let pass = 0
  const loop = startLoop(
    { ...base, everyMs: 100, maxBackoffMs: 500, signal: stop.signal, clock: recordingClock(waits) },
    async () => {
      pass += 1
      if (pass <= 4) throw new Error('not yet')
      if (pass === 6) stop.abort()
    },
  )
  await loop.done
  expect(waits).toEqual([100, 200, 400, 500, 100])
})

test('a pass may say how long to wait', async () => {
  const waits: number[] = []
  const stop = new AbortController()
  let pass = 0
  const loop = startLoop({ ...base, everyMs: 100, signal: stop.signal, clock: recordingClock(waits) }, async () => {
    pass += 1
    if (pass === 2) stop.abort()
    return 7
  })
  await loop.done
  expect(waits[0]).toBe(7)
})

test('a wake ends the present wait, and one that comes during a pass is not lost', async () => {
  const stop = new AbortController()
  const seen: number[] = []
  let pass = 0
  const loop = startLoop({ ...base, everyMs: 60_000, signal: stop.signal, clock: systemClock }, async () => {
    pass += 1
    seen.push(pass)
    if (pass === 1) loop.wake()
    if (pass === 2) setImmediate(() => loop.wake())
    if (pass === 3) stop.abort()
    await systemClock.sleep(1)
  })
  await loop.done
  expect(seen).toEqual([1, 2, 3])
})

test('the signal ends a loop in the middle of a wait', async () => {
  const stop = new AbortController()
  const loop = startLoop({ ...base, everyMs: 60_000, signal: stop.signal, clock: systemClock }, async () => {
    setImmediate(() => stop.abort())
  })
  await expect(loop.done).resolves.toBeUndefined()
})
