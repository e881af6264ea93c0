import { expect, test } from 'vitest'
import { createStallWatch, type StallSample } from './stall-watch.ts'

const limits = { warnAfterMs: 5000, dieAfterMs: 30_000 }
const TICK_MS = 500

function run(
  look: (sample: StallSample) => { state: string },
  fromMs: number,
  toMs: number,
  sample: (ms: number) => Omit<StallSample, 'atMs'>,
) {
  let state = ''
  for (let atMs = fromMs; atMs <= toMs; atMs += TICK_MS) state = look({ atMs, ...sample(atMs) }).state
  return state
}
const still = () => ({ turns: 1n, roundTrips: 1n, isBeating: true })
const turning = (ms: number) => ({ turns: BigInt(ms), roundTrips: BigInt(ms), isBeating: true })

test('a main thread that stands still is warned of after 5 s, and its process dies after 30 s', () => {
  const look = createStallWatch(TICK_MS, limits)
  expect(run(look, 0, 4500, still)).toBe('well')
  expect(look({ atMs: 5000, ...still() })).toMatchObject({
    state: 'warn',
    warning: expect.stringContaining('has not turned for 5 s'),
  })
  expect(run(look, 5500, 29_500, still)).toBe('warn')
  expect(run(look, 30_000, 30_000, still)).toBe('die')
})

test('a main thread that turns is well, and its stall is forgotten with its first turn', () => {
  const look = createStallWatch(TICK_MS, limits)
  expect(run(look, 0, 20_000, still)).toBe('warn')
  expect(run(look, 20_500, 90_000, turning)).toBe('well')
})

test('a frozen process is not to blame: a gap in the own ticks begins the count anew', () => {
  const look = createStallWatch(TICK_MS, limits)
  run(look, 0, 4500, still)
  expect(look({ atMs: 3_600_000, ...still() }).state).toBe('well')
  expect(run(look, 3_600_500, 3_604_500, still)).toBe('well')
})

test('a main thread without database round trips is to blame only while the heart has its own', () => {
  const noTrips = (isBeating: boolean) => (ms: number) => ({ turns: BigInt(ms), roundTrips: 1n, isBeating })
  const outage = createStallWatch(TICK_MS, limits)
  expect(run(outage, 0, 120_000, noTrips(false))).toBe('well')
  const wedged = createStallWatch(TICK_MS, limits)
  expect(run(wedged, 0, 29_500, noTrips(true))).toBe('warn')
  expect(wedged({ atMs: 30_000, ...noTrips(true)(30_000) })).toMatchObject({
    state: 'die',
    warning: expect.stringContaining('no database round trip for 30 s'),
  })
})
