import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createObserver, type Reading } from './observer.ts'

const MAX_GAP_MS = 3000

function reading(askedMs: number, beat: number, more: Partial<Reading> = {}): Reading {
  return { session: 's1', askedMs, answeredMs: askedMs + 2, beats: [{ incarnation: 'a', beat }], ...more }
}

test('a beat counter that stands still is counted from the answer that first showed it to the last question', () => {
  const observer = createObserver(MAX_GAP_MS)
  for (let ms = 0; ms <= 5000; ms += 1000) observer.read(reading(ms, 7))
  expect(observer.stillMs('a')).toBe(4998)
  expect(observer.isSilent('a', 4998)).toBe(true)
  expect(observer.isSilent('a', 4999)).toBeUndefined()
  expect(observer.stillMs('unknown')).toBe(0)
})

test('a beat begins the count anew, and makes the observer sure that the incarnation lives', () => {
  const observer = createObserver(MAX_GAP_MS)
  for (let ms = 0; ms <= 5000; ms += 1000) observer.read(reading(ms, 7))
  observer.read(reading(6000, 8))
  expect(observer.stillMs('a')).toBe(0)
  expect(observer.isSilent('a', 5000)).toBe(false)
})

test('another session begins all counts anew: after a restart or a failover nobody has had the time to beat', () => {
  const observer = createObserver(MAX_GAP_MS)
  for (let ms = 0; ms <= 5000; ms += 1000) observer.read(reading(ms, 7))
  observer.read(reading(6000, 7, { session: 's2' }))
  observer.read(reading(7000, 7, { session: 's2' }))
  expect(observer.stillMs('a')).toBe(998)
})

test('a gap between two readings begins all counts anew: an observer that was frozen judges nobody', () => {
  const observer = createObserver(MAX_GAP_MS)
  observer.read(reading(0, 7))
  observer.read(reading(1000, 7))
  observer.read(reading(61_000, 7))
  expect(observer.stillMs('a')).toBe(0)
  observer.read(reading(62_000, 7, { answeredMs: 90_000 }))
  expect(observer.stillMs('a')).toBe(0)
})

test('an incarnation that is read no more is forgotten', () => {
  const observer = createObserver(MAX_GAP_MS)
  observer.read(reading(0, 7))
  observer.read(reading(1000, 7))
  observer.read(reading(2000, 7, { beats: [] }))
  expect(observer.silence()).toEqual([])
  observer.read(reading(3000, 7))
  expect(observer.stillMs('a')).toBe(0)
})

/** One step of a node, its database and its observer, all driven by one true time. */
const step = fc.record({
  pauseMs: fc.integer({ min: 1, max: 4000 }),
  beats: fc.integer({ min: 0, max: 2 }),
  toServerMs: fc.integer({ min: 0, max: 3000 }),
  toObserverMs: fc.integer({ min: 0, max: 3000 }),
  newSession: fc.boolean(),
})

test('whatever happens, no count is ever longer than the counter truly stood still', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      const observer = createObserver(MAX_GAP_MS)
      let nowMs = 0
      let beat = 0
      let lastBeatMs = 0
      let session = 0
      for (const { pauseMs, beats, toServerMs, toObserverMs, newSession } of steps) {
        nowMs += pauseMs
        const askedMs = nowMs
        nowMs += toServerMs
        if (beats > 0) lastBeatMs = nowMs
        beat += beats
        const shown = beat
        nowMs += toObserverMs
        if (newSession) session += 1
        observer.read({
          session: `s${session}`,
          askedMs,
          answeredMs: nowMs,
          beats: [{ incarnation: 'a', beat: shown }],
        })
        expect(observer.stillMs('a')).toBeLessThanOrEqual(nowMs - lastBeatMs)
      }
    }),
  )
})
