import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { ApiContext } from '../../src/api/context.ts'
import { createLive } from '../../src/api/live.ts'
import type { Operation } from '../../src/api/operation.ts'
import { createApiServer } from '../../src/api/server.ts'
import { defaultTimings } from '../../src/cluster/timings.ts'
import { connect } from '../../src/database/connect.ts'
import { startHints } from '../../src/database/hints.ts'
import { insertApiKey } from '../../src/identity/api-keys.ts'
import { createIdentity } from '../../src/identity/identity.ts'
import type { Role } from '../../src/identity/permissions.ts'
import { createApiKey } from '../../src/identity/secrets.ts'
import type { ThrottleLimits } from '../../src/identity/throttle.ts'
import { insertUser } from '../../src/identity/users.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { type Log, silentLog } from '../../src/lib/log.ts'
import { must } from '../../src/lib/must.ts'
import { type Kind, KindRegistry } from '../../src/tasks/kind.ts'
import type { TestDatabase } from './database.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads what the wire carries, and asserts its shape as it goes
export type Json = any

interface CallOptions {
  key?: string
  /** Sent as JSON, unless it is a text, which is sent as it is. */
  body?: unknown
  headers?: Record<string, string>
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  body: Json
}

/** The HTTP side of a node: the real server on real sessions to the database, without heart, queue and the rest. */
export interface TestApi {
  app: FastifyInstance
  context: ApiContext
  url: string
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  stop(): Promise<void>
}

export interface TestApiOptions {
  operations: readonly Operation[]
  name?: string
  kinds?: readonly Kind[]
  log?: Log
  limits?: ThrottleLimits
  /** Another address of the database than its own, such as one where nothing listens. */
  databaseUrl?: string
  trustProxy?: string
}

/** Cheap enough that a test may log in often; nothing else depends on the cost. */
export const CHEAP_PASSWORDS = { logN: 10, r: 8, p: 1 }

export async function startTestApi(database: TestDatabase, options: TestApiOptions): Promise<TestApi> {
  const { name = 'node-a', log = silentLog } = options
  const sql = connect(options.databaseUrl ?? database.url, { purpose: 'api', owner: name, max: 5 })
  const listener = connect(database.url, { purpose: 'hints', owner: name, max: 1 })
  const hints = await startHints(listener)
  const identity = createIdentity({
    sql,
    clock: systemClock,
    hints,
    node: name,
    passwordCost: CHEAP_PASSWORDS,
    ...(options.limits ? { limits: options.limits } : {}),
  })
  const [cluster] = await database.sql<{ id: string }[]>`select installation_id as id from cluster`
  let url = ''
  const context: ApiContext = {
    sql,
    hints,
    log,
    clock: systemClock,
    timings: defaultTimings,
    node: { name, url: () => url, incarnation: () => undefined },
    installationId: must(cluster).id,
    version: '0.1.0',
    kinds: new KindRegistry(options.kinds ?? []),
    identity,
    live: createLive({ sql, hints }),
  }
  const app = createApiServer({
    context,
    operations: options.operations,
    ...(options.trustProxy ? { trustProxy: options.trustProxy } : {}),
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  return {
    app,
    context,
    url,
    call: (method, path, callOptions = {}) => call(url + path, method, callOptions),
    async stop() {
      context.live.close()
      app.server.closeAllConnections()
      await app.close()
      identity.stop()
      await hints.stop()
      await listener.end({ timeout: 1 })
      await sql.end({ timeout: 1 })
    },
  }
}

async function call(url: string, method: string, { key, body, headers }: CallOptions): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { ...(key === undefined ? {} : { 'x-octopus-apikey': key }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') ?? false
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text !== '' ? JSON.parse(text) : undefined,
  }
}

/** The headers that carry the session which an answer to a login starts, as a browser's page would send them. */
export function sessionOf(answer: Answer): { cookie: string; 'x-octopus-csrf-token': string } {
  const pairs = answer.headers.getSetCookie().map((line) => String(line.split(';')[0]))
  const csrf = must(pairs.find((pair) => pair.startsWith('Octopus-Csrf-Token_')))
  return { cookie: pairs.join('; '), 'x-octopus-csrf-token': csrf.slice(csrf.indexOf('=') + 1) }
}

/** A user of that role with a key, straight into the database. */
export async function createTestUser(
  database: TestDatabase,
  role: Role,
  username: string = role,
): Promise<{ id: number; key: string }> {
  const user = must(
    await insertUser(database.sql, {
      username,
      displayName: username,
      email: null,
      role,
      isActive: true,
      isService: false,
      passwordHash: null,
    }),
  )
  const key = createApiKey()
  await insertApiKey(database.sql, { userId: user.id, text: key, purpose: 'test', end: null })
  return { id: user.id, key }
}
