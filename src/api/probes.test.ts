import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestApi, type TestApi } from '../../test/support/api-server.ts'
import { freePort } from '../../test/support/cluster.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import type { PingFacts } from '../balancer/ping.ts'
import { registerPing } from '../balancer/routes.ts'
import { allOperations } from './all-operations.ts'
import { createApiServer } from './server.ts'

let database: TestDatabase
let api: TestApi
let app: FastifyInstance
let facts: PingFacts = { name: 'node-a', isStarted: true, isStopping: false, isLeaseTrusted: true, drain: 'off' }

/** A whole API whose database is away: what a probe needs of it would show. */
beforeAll(async () => {
  database = await createTestDatabase()
  const databaseUrl = `postgres://nobody@127.0.0.1:${await freePort()}/nothing`
  api = await startTestApi(database, { operations: [], databaseUrl })
  app = createApiServer({ context: api.context, operations: allOperations })
  registerPing(app, () => facts)
  await app.listen({ port: 0, host: '127.0.0.1' })
})

afterAll(async () => {
  await app.close()
  await api.stop()
  await database.drop()
})

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

test.each(['GET', 'OPTIONS', 'HEAD'])('%s by HTTP/1.0 without Host and login, without the database', async (method) => {
  for (const path of ['/api/octopusservernodes/ping', '//API/OctopusServerNodes/PING', '/readyz', '/livez']) {
    const answer = await raw(`${method} ${path} HTTP/1.0\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(answer.toLowerCase()).toContain('cache-control: no-store')
    expect(answer.endsWith('\r\n\r\n')).toBe(method === 'HEAD')
  }
})

test('a node in drain mode does not answer 200 to its ping, and goes on serving', async () => {
  facts = { ...facts, drain: 'draining' }
  const ping = await app.inject({ url: '/api/octopusservernodes/ping' })
  expect([ping.statusCode, ping.json().Status]).toEqual([418, 'Draining'])
  expect((await app.inject({ url: '/livez' })).statusCode).toBe(200)
  expect((await app.inject({ url: '/api' })).statusCode).toBe(200)
  facts = { ...facts, drain: 'off' }
})

test('the body tells a stranger the name and state of the node, and nothing else', async () => {
  const { payload } = await app.inject({ url: '/api/octopusservernodes/ping' })
  expect(JSON.parse(payload)).toEqual({
    Id: 'OctopusServerNodes-node-a',
    Name: 'node-a',
    IsInMaintenanceMode: false,
    IsOffline: false,
    Status: 'Online',
    Links: { Self: '/api/octopusservernodes/ping' },
  })
  expect(payload).not.toContain(api.context.version)
})

test('other methods are refused in the form of every error', async () => {
  const { statusCode, body } = await app.inject({ method: 'POST', url: '/livez' })
  expect([statusCode, JSON.parse(body).ErrorMessage]).toEqual([404, expect.any(String)])
})

test('an operation that needs the database is answered with 503 while it is away', async () => {
  const { statusCode, headers } = await app.inject({ url: '/api/queue', headers: { 'x-octopus-apikey': 'API-NONE' } })
  expect([statusCode, headers['retry-after']]).toEqual([503, '2'])
})
