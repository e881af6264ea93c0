import { expect, test } from 'vitest'
import { isDriverFault } from './driver-faults.ts'

function coded(code: string): Error {
  return Object.assign(new Error('x'), { code })
}

test.each(['CONNECTION_CLOSED', 'CONNECT_TIMEOUT', 'ECONNRESET', '57P01'])('a cut session (%s) is survived', (code) => {
  expect(isDriverFault(coded(code))).toBe(true)
})

test("a fault in the driver's own handling of its socket is survived", () => {
  const error = new TypeError("Cannot read properties of null (reading 'write')")
  error.stack = `${error}\n    at write (file:///x/node_modules/postgres/src/connection.js:255:12)\n    at y (file:///x/dist/z.js:1:1)`
  expect(isDriverFault(error)).toBe(true)
})

test('everything else that nobody caught is ours', () => {
  expect(isDriverFault(new TypeError('x is not a function'))).toBe(false)
  expect(isDriverFault(coded('23505'))).toBe(false)
  expect(isDriverFault('text')).toBe(false)
  const ours = new TypeError('bad argument')
  ours.stack = `${ours}\n    at act (file:///x/dist/a.js:1:1)\n    at q (file:///x/node_modules/postgres/src/connection.js:255:12)`
  expect(isDriverFault(ours)).toBe(false)
})
