import { expect, test } from 'vitest'
import type { Clock } from '../lib/clock.ts'
import { KeptCounts } from './kept-counts.ts'

function setUp() {
  let nowMs = 0
  const clock: Clock = { monotonicMs: () => nowMs, sleep: async () => {} }
  const counts = new KeptCounts<number>(clock)
  let made = 0
  const read = (key: string, takesMs: number) =>
    counts.read(key, async () => {
      nowMs += takesMs
      made += 1
      return made
    })
  return { counts, read, pass: (ms: number) => (nowMs += ms) }
}

test('what is quickly counted is counted each time', async () => {
  const { read } = setUp()
  expect([await read('a', 5), await read('a', 5)]).toEqual([1, 2])
})

test('a slow count is kept for a moment, each key for itself', async () => {
  const { read, pass } = setUp()
  expect([await read('a', 60), await read('a', 60), await read('b', 60)]).toEqual([1, 1, 2])
  pass(1900)
  expect(await read('a', 60)).toBe(3)
})

test('a kept count that is asked for again is made anew beside the answer, once', async () => {
  const { read, pass } = setUp()
  expect(await read('a', 60)).toBe(1)
  pass(1000)
  expect([await read('a', 60), await read('a', 60)]).toEqual([1, 2])
  pass(1000)
  expect(await read('a', 60)).toBe(2)
})

test('a count that fails is not kept', async () => {
  const { counts, read } = setUp()
  await expect(counts.read('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
  expect(await read('a', 60)).toBe(1)
})
