import { expect, test } from 'vitest'
import { LeaseLostError, Refusal } from '../lib/errors.ts'
import { errorAnswer } from './errors.ts'

function answer(error: unknown) {
  const reports: string[] = []
  const result = errorAnswer(error, (fault) => {
    reports.push(fault)
    return { reference: 'r1', node: 'node-a' }
  })
  return { ...result, reports }
}

function withCode(code: string): Error {
  return Object.assign(new Error('inner words'), { code })
}

test.each([
  'ECONNREFUSED',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  '57P01',
  '57P03',
  '53300',
  '08006',
  '25006',
  '55P03',
  '40001',
  '57014',
])('the database’s %s is 503 with Retry-After, noted and not shown', (code) => {
  const { status, headers, body, reports } = answer(withCode(code))
  expect([status, headers['retry-after'], reports]).toEqual([503, '2', ['database']])
  expect(JSON.stringify(body)).not.toContain('inner words')
})

test('several addresses that all refuse are a database that is away', () => {
  expect(answer(new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')])).status).toBe(503)
})

test.each([withCode('23505'), withCode('42P01'), new TypeError('inner words'), 'a text', undefined])(
  '%s is a fault of ours',
  (error) => {
    const { status, body, reports } = answer(error)
    expect([status, reports]).toEqual([500, ['bug']])
    expect(body.Details).toEqual({ Reference: 'r1' })
    expect(body.ErrorMessage).toContain('r1')
    expect(JSON.stringify(body)).not.toContain('inner words')
  },
)

test('a lost lease is 503 and no fault', () => {
  expect(answer(new LeaseLostError('The lease ran out'))).toMatchObject({
    status: 503,
    body: { ErrorMessage: 'The lease ran out.' },
    reports: [],
  })
})

test('a 404 never has Errors, whatever the refusal holds', () => {
  expect(answer(new Refusal('NotFound', 'None.', { errors: ['None.'] })).body).toEqual({ ErrorMessage: 'None.' })
})

test('a refusal that a confirmation would lift says which', () => {
  const refusal = new Refusal('Conflict', 'It is the last one.', { details: { Confirmation: 'ConfirmLastNode' } })
  expect(answer(refusal)).toMatchObject({
    status: 409,
    body: {
      ErrorMessage: 'It is the last one.',
      Errors: ['It is the last one.'],
      Details: { Confirmation: 'ConfirmLastNode' },
    },
  })
})

test('Retry-After is what the refusal says', () => {
  expect(answer(new Refusal('TooManyRequests', 'Slowly.', { details: { RetryAfterSeconds: 77 } })).headers).toEqual({
    'retry-after': '77',
  })
})
