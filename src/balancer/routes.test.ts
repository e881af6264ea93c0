import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PingFacts } from './ping.ts'
import { registerPing } from './routes.ts'

let app: FastifyInstance
let facts: PingFacts

beforeEach(async () => {
  facts = { name: 'node-a', isStarted: true, isStopping: false, isLeaseTrusted: true, drain: 'off' }
  app = Fastify({ routerOptions: { caseSensitive: false, ignoreDuplicateSlashes: true } })
  registerPing(app, () => facts, 503)
  await app.listen({ port: 0, host: '127.0.0.1' })
})

afterEach(() => app.close())

/** What a balancer sees that writes these very bytes to the socket. */
async function raw(text: string): Promise<string> {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk
  })
  socket.write(text)
  await once(socket, 'close')
  return answer
}

test.each(['GET', 'OPTIONS'])('a raw HTTP/1.0 %s probe without Host is answered in full', async (method) => {
  const answer = await raw(`${method} /api/octopusservernodes/ping HTTP/1.0\r\n\r\n`)
  const [head, body] = answer.split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(head?.toLowerCase()).toContain('cache-control: no-store')
  expect(head?.toLowerCase()).toContain('content-type: application/json')
  expect(JSON.parse(body ?? '')).toEqual({
    Id: 'OctopusServerNodes-node-a',
    Name: 'node-a',
    IsInMaintenanceMode: false,
    IsOffline: false,
    Status: 'Online',
    Links: { Self: '/api/octopusservernodes/ping' },
  })
})

test('a HEAD probe gets the status and no body', async () => {
  facts.drain = 'drained'
  const answer = await raw('HEAD /api/octopusservernodes/ping HTTP/1.0\r\n\r\n')
  expect(answer).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/)
  expect(answer.endsWith('\r\n\r\n')).toBe(true)
  expect(answer.toLowerCase()).not.toContain('retry-after')
})

test.each(['/API/OctopusServerNodes/Ping', '//api/octopusservernodes/ping', '/api/octopusservernodes/ping?x=1'])(
  'the ping is found at %s too',
  async (url) => expect((await app.inject({ url })).statusCode).toBe(200),
)

test('starting, a lost lease and stopping say when to ask again; readyz says why', async () => {
  for (const change of [{ isStarted: false }, { isLeaseTrusted: false }, { isStopping: true }]) {
    facts = { ...facts, isStarted: true, isStopping: false, isLeaseTrusted: true, ...change }
    const ping = await app.inject({ url: '/api/octopusservernodes/ping' })
    const ready = await app.inject({ url: '/readyz' })
    expect([ping.statusCode, ready.statusCode]).toEqual([503, 503])
    expect(Number(ping.headers['retry-after'])).toBeGreaterThan(0)
    expect(ready.json()).toEqual({ Status: ping.json().Status, Because: expect.stringMatching(/^This node .+\.$/) })
  }
})

test('livez answers 200 whatever the cluster thinks', async () => {
  facts = { ...facts, isStarted: false, isLeaseTrusted: false, isStopping: true, drain: 'drained' }
  for (const method of ['GET', 'HEAD', 'OPTIONS'] as const) {
    expect((await app.inject({ method, url: '/livez' })).statusCode).toBe(200)
    expect((await app.inject({ method, url: '/readyz' })).statusCode).toBe(503)
  }
})
