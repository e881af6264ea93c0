import { expect, test } from 'vitest'
import { failureOf, flagOf, jsonOf } from './answer.ts'

const URL = 'http://localhost:8080'

function failure(status: number, body: unknown) {
  return failureOf({ status, text: typeof body === 'string' ? body : JSON.stringify(body) }, URL, 'Log in.')
}

test.each([
  [400, {}, 2],
  [401, {}, 4],
  [403, {}, 4],
  [404, {}, 1],
  [409, {}, 1],
  [409, { Details: { Confirmation: 'ConfirmLastNode' } }, 4],
  [429, {}, 1],
  [500, {}, 1],
  [503, {}, 1],
])('status %i with %j ends the command with %i', (status, more, exitCode) => {
  expect(failure(status, { ErrorMessage: 'No.', ...more })).toMatchObject({ exitCode, message: 'No.', status })
})

test('a refusal that a confirmation would lift names the option that confirms', () => {
  const { hint } = failure(409, { ErrorMessage: 'node-a is the last.', Details: { Confirmation: 'ConfirmLastNode' } })
  expect(hint).toContain('--confirm-last-node')
  expect(flagOf('Confirm')).toBe('--confirm')
})

test('each fault is told once, though the wire format repeats the first', () => {
  expect(failure(400, { ErrorMessage: 'A is wrong.', Errors: ['A is wrong.', 'B is wrong.'] }).message).toBe(
    'A is wrong. B is wrong.',
  )
})

test('an answer without a sentence of ours still says where it came from', () => {
  expect(failure(500, '<html>').message).toContain('http://localhost:8080 answered 500')
  expect(failure(302, '').message).toContain('redirection')
})

test('what does not speak JSON is no Tako server', () => {
  expect(() => jsonOf({ status: 200, text: '<html>' }, URL)).toThrow(/not a Tako server/)
  expect(jsonOf({ status: 200, text: '' }, URL)).toEqual({})
})
