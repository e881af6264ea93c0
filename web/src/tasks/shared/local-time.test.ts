import { expect, test } from 'vitest'
import { dateOfLocalTime, localTimeOf } from './local-time.ts'

test('a moment goes to the input and back', () => {
  const date = new Date(2026, 2, 4, 5, 6).toISOString()
  expect(localTimeOf(date)).toBe('2026-03-04T05:06')
  expect(dateOfLocalTime('2026-03-04T05:06')).toBe(date)
})

test('nothing stays nothing', () => {
  expect(localTimeOf(undefined)).toBe('')
  expect(dateOfLocalTime('')).toBeUndefined()
})
