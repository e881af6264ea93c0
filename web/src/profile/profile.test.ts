import { expect, test } from 'vitest'
import { ApiError } from '../api/api-error.ts'
import { endOf, endStateOf } from './key-life.ts'
import { faultsOf, faultsOfAnswer } from './password-faults.ts'

const NOW = Date.parse('2026-11-23T12:00:00Z')

test('each password is checked beside its field', () => {
  expect(faultsOf({ current: 'old password', next: 'new password', repeated: 'new password' })).toEqual({})
  expect(Object.keys(faultsOf({ current: '', next: 'short', repeated: 'other' }))).toEqual([
    'current',
    'next',
    'repeated',
  ])
  expect(faultsOf({ current: 'the same one', next: 'the same one', repeated: 'the same one' }).next).toContain(
    'present',
  )
})

test('what the server refuses is told beside the field it names', () => {
  expect(faultsOfAnswer(undefined)).toEqual({})
  expect(faultsOfAnswer(new ApiError(400, 'CurrentPassword is wrong.')).current).toContain('not your present')
  expect(faultsOfAnswer(new ApiError(400, 'Password must be longer.')).next).toBe('Password must be longer.')
  expect(faultsOfAnswer(new ApiError(429, 'Too many.')).form).toBe('Too many.')
})

test('a key ends after a number of days, on a date, or never', () => {
  expect(endOf('30', '', NOW)).toBe('2026-12-23T12:00:00.000Z')
  expect(endOf('never', '', NOW)).toBeNull()
  expect(endOf('date', '', NOW)).toBeUndefined()
  expect(endOf('date', '2026-11-20', NOW)).toBeUndefined()
  expect(endOf('date', '2027-01-31', NOW)).toBe(new Date('2027-01-31T23:59:59').toISOString())
})

test('an end that is near stands out', () => {
  expect(endStateOf(null, NOW)).toBe('never')
  expect(endStateOf('2027-01-31T00:00:00Z', NOW)).toBe('fine')
  expect(endStateOf('2026-11-30T00:00:00Z', NOW)).toBe('soon')
  expect(endStateOf('2026-11-20T00:00:00Z', NOW)).toBe('over')
})
