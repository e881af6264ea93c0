import { expect, test } from 'vitest'
import { faultOfError, faultOfStatus, mayRepeat, retryDelayMs } from './retry.ts'

function fetchError(code: string): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) })
}

test('a refused connection had no effect: every call may be repeated', () => {
  const fault = faultOfError(fetchError('ECONNREFUSED'))
  expect(mayRepeat('always', fault)).toBe(true)
  expect(mayRepeat('unheard', fault)).toBe(true)
})

test('a dropped connection may have had one: only calls that read or carry a key are repeated', () => {
  for (const fault of [
    faultOfError(fetchError('ECONNRESET')),
    faultOfError(fetchError('UND_ERR_SOCKET')),
    faultOfStatus(502),
    faultOfStatus(503),
  ]) {
    if (!fault) throw new Error('a fault is missing')
    expect(mayRepeat('always', fault)).toBe(true)
    expect(mayRepeat('unheard', fault)).toBe(false)
  }
})

test('what will not pass by itself is not tried again', () => {
  expect(mayRepeat('always', faultOfError(fetchError('ENOTFOUND')))).toBe(false)
  expect(mayRepeat('always', faultOfError(fetchError('DEPTH_ZERO_SELF_SIGNED_CERT')))).toBe(false)
  expect(faultOfStatus(500)).toBeUndefined()
  expect(faultOfStatus(404)).toBeUndefined()
})

test('tries come close together at first and then each second', () => {
  expect([1, 2, 3, 4, 5, 20].map(retryDelayMs)).toEqual([100, 200, 400, 800, 1000, 1000])
})
