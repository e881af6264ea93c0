import { expect, test } from 'vitest'
import { HeartMemory } from './heart-memory.ts'

test('a lease is trusted from its first beat until its time is over, and not after it was ended', () => {
  const memory = new HeartMemory()
  expect(memory.isTrusted(0)).toBe(false)
  expect(memory.lastSentMs()).toBe(Number.NEGATIVE_INFINITY)
  memory.trust(1000.5, 5000.5)
  expect(memory.lastSentMs()).toBe(1000.5)
  expect(memory.isTrusted(5000.4)).toBe(true)
  expect(memory.isTrusted(5000.5)).toBe(false)
  memory.trust(2000, 6000)
  memory.distrust()
  expect(memory.isTrusted(2001)).toBe(false)
})

test('both threads see the same memory', () => {
  const heart = new HeartMemory()
  const main = new HeartMemory(heart.buffer)
  heart.trust(10, 20)
  main.countTurn()
  main.countRoundTrip()
  main.countRoundTrip()
  expect(main.isTrusted(15)).toBe(true)
  expect([heart.turns(), heart.roundTrips()]).toEqual([1n, 2n])
})
