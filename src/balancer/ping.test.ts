import { expect, test } from 'vitest'
import { type PingFacts, pingAnswer } from './ping.ts'

const ONLINE: PingFacts = { name: 'node-a', isStarted: true, isStopping: false, isLeaseTrusted: true, drain: 'off' }

test('the ping answers 200 as long as the node is online and not in drain mode', () => {
  const answer = pingAnswer(ONLINE)
  expect(answer.status).toBe(200)
  expect(answer.retryAfterSeconds).toBeUndefined()
  expect(answer.body).toEqual({
    Id: 'OctopusServerNodes-node-a',
    Name: 'node-a',
    IsInMaintenanceMode: false,
    IsOffline: false,
    Status: 'Online',
    Links: { Self: '/api/octopusservernodes/ping' },
  })
})

test.each([
  ['draining', 'Draining'],
  ['drained', 'Drained'],
] as const)('the ping of a %s node does not answer 200', (drain, state) => {
  expect(pingAnswer({ ...ONLINE, drain })).toMatchObject({
    status: 418,
    retryAfterSeconds: undefined,
    body: { Status: state, IsInMaintenanceMode: true, IsOffline: false },
  })
  expect(pingAnswer({ ...ONLINE, drain }, 503).status).toBe(503)
  expect(pingAnswer({ ...ONLINE, drain }, 404).status).toBe(404)
})

test.each([
  ['starting', { isStarted: false, isLeaseTrusted: false }, { Status: 'Starting', IsOffline: true }],
  ['without a trusted lease', { isLeaseTrusted: false }, { Status: 'Offline', IsOffline: true }],
  ['stopping', { isStopping: true }, { Status: 'Stopping', IsOffline: false }],
  ['stopping without a lease', { isStopping: true, isLeaseTrusted: false }, { Status: 'Stopping' }],
  [
    'drained without a lease',
    { isLeaseTrusted: false, drain: 'drained' },
    { Status: 'Offline', IsInMaintenanceMode: true },
  ],
  ['drained and stopping', { isStopping: true, drain: 'drained' }, { Status: 'Stopping', IsInMaintenanceMode: true }],
] as const)(
  'a node that is %s answers 503 and says when to ask again, whatever the drain status is set to',
  (_, facts, body) => {
    const answer = pingAnswer({ ...ONLINE, ...facts }, 404)
    expect(answer.status).toBe(503)
    expect(answer.retryAfterSeconds).toBeGreaterThan(0)
    expect(answer.body).toMatchObject(body)
  },
)

test('the body has the same fields in every state', () => {
  const fields = Object.keys(pingAnswer(ONLINE).body)
  for (const isStarted of [true, false])
    for (const isStopping of [true, false])
      for (const isLeaseTrusted of [true, false])
        for (const drain of ['off', 'draining', 'drained'] as const) {
          const answer = pingAnswer({ name: 'n', isStarted, isStopping, isLeaseTrusted, drain })
          expect(Object.keys(answer.body)).toEqual(fields)
          expect(answer.status === 200).toBe(isStarted && !isStopping && isLeaseTrusted && drain === 'off')
          expect(answer.because).toMatch(/^This node .*\.$/)
        }
})
