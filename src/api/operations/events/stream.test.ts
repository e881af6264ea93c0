import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestUser, startTestApi, type TestApi } from '../../../../test/support/api-server.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { until } from '../../../../test/support/until.ts'
import { HINT_CHANNEL, hintText } from '../../../database/hints.ts'
import { systemActor } from '../../../identity/actor.ts'
import { recordEvent } from '../../../identity/audit.ts'
import { streamEvents } from './stream.ts'

let database: TestDatabase
let api: TestApi
let key: string

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { operations: [streamEvents] })
  ;({ key } = await createTestUser(database, 'administrator'))
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

/** An open stream, and what has come of it so far. */
async function listen(url: string, apiKey: string) {
  const gone = new AbortController()
  const response = await fetch(`${url}/api/events/stream`, {
    headers: { 'X-Octopus-ApiKey': apiKey },
    signal: gone.signal,
  })
  const stream = { response, text: '', isEnded: false, close: () => gone.abort() }
  const read = async () => {
    for await (const chunk of response.body ?? []) stream.text += Buffer.from(chunk).toString()
  }
  void read()
    .catch(() => {})
    .finally(() => {
      stream.isEnded = true
    })
  return stream
}

test('a hint anywhere in the cluster is heard at once, in the form of server-sent events', async () => {
  const stream = await listen(api.url, key)
  expect(stream.response.status).toBe(200)
  expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(stream.response.headers.get('cache-control')).toBe('no-store')
  await until('hello', () =>
    stream.text.includes(
      'event: hello\ndata: {"Topics":["node","leadership","queue","task","event","schedule"],"Node":"node-a"}\n\n',
    ),
  )
  await database.sql`select pg_notify(${HINT_CHANNEL}, ${hintText('node', 'OctopusServerNodes-node-b')})`
  await until('the node', () => stream.text.includes('event: node\ndata: {"Ids":["OctopusServerNodes-node-b"]}\n\n'))
  await recordEvent(database.sql, { category: 'QueuePaused', message: 'paused', actor: systemActor(), related: [] })
  await until('the audit event', () => stream.text.includes('event: event\ndata: {"Ids":[]}\n\n'))
  stream.close()
  await until('the node knows that the client has gone', () => api.context.live.streams.clientCount === 0)
})

test('after the hints were lost and came back everybody is told to read everything again', async () => {
  const stream = await listen(api.url, key)
  await until('hello', () => stream.text.includes('event: hello'))
  await database.sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'tako hints node-a'`
  await until('resync', () => stream.text.includes('event: resync\n'))
  stream.close()
})

test('a stream ends within seconds of its key, its session or its user', async () => {
  const revoked = await createTestUser(database, 'viewer', 'revoked')
  const disabled = await createTestUser(database, 'operator', 'disabled')
  const [first, second, kept] = await Promise.all([
    listen(api.url, revoked.key),
    listen(api.url, disabled.key),
    listen(api.url, key),
  ])
  await until('hello', () => [first, second, kept].every(({ text }) => text.includes('event: hello')))
  await database.sql`delete from api_key where user_id = ${revoked.id}`
  await database.sql`update app_user set is_active = false where id = ${disabled.id}`
  await until('the streams have ended', () => first.isEnded && second.isEnded, 4000)
  expect(first.text).toMatch(/retry: 1000\n\n$/)
  expect(kept.isEnded).toBe(false)
  kept.close()
})

test('nobody listens without being known', async () => {
  const { status } = await fetch(`${api.url}/api/events/stream`)
  expect(status).toBe(401)
})

test('a stopping node ends its streams with a word on when to come back, and takes no more', async () => {
  const other = await startTestApi(database, { operations: [streamEvents], name: 'node-c' })
  const stream = await listen(other.url, key)
  await until('hello', () => stream.text.includes('event: hello'))
  other.context.live.close()
  await until('the end', () => stream.isEnded)
  expect(stream.text).toMatch(/retry: 1000\n\n$/)
  const refused = await fetch(`${other.url}/api/events/stream`, { headers: { 'X-Octopus-ApiKey': key } })
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).not.toBeNull()
  await other.stop()
})
