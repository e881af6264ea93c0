import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestUser } from '../../test/support/api-server.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import type { Hint, Hints } from '../database/hints.ts'
import { type Clock, HOUR, systemClock } from '../lib/clock.ts'
import { createIdentity, type Identity } from './identity.ts'
import { hashSecret } from './secrets.ts'
import { createSession } from './sessions.ts'

let database: TestDatabase
let user: { id: number; key: string }
let identity: Identity
let nowMs = 0
let tell: (hint: Hint) => void = () => {}

/** A real clock's promises, at a time the test sets. */
const clock: Clock = { ...systemClock, monotonicMs: () => nowMs }

const hints: Hints = {
  on(listener) {
    tell = listener
    return () => true
  },
  start: async () => {},
  stop: async () => {},
}

beforeAll(async () => {
  database = await createTestDatabase()
  user = await createTestUser(database, 'operator')
  identity = createIdentity({ sql: database.sql, clock, hints, node: 'node-a' })
})

afterAll(() => database.drop())

function byKey(text = user.key) {
  return identity.identify({ kind: 'key', text, address: '10.0.0.1' })
}

async function newSession(isRemembered = false) {
  const session = await createSession(database.sql, {
    userId: user.id,
    isRemembered,
    address: '10.0.0.1',
    userAgent: 'test',
  })
  return {
    ...session,
    identify: () => identity.identify({ kind: 'session', text: session.token, address: '10.0.0.1' }),
  }
}

test('a key is its owner, is not a session, and its use is noted at most once a minute', async () => {
  expect(await byKey()).toMatchObject({
    id: user.id,
    username: 'operator',
    role: 'operator',
    credential: { kind: 'key' },
  })
  expect(await identity.identify({ kind: 'session', text: user.key, address: undefined })).toBeUndefined()
  const [first] = await database.sql`select last_used_at, last_used_from, last_used_node from api_key`
  expect(first).toMatchObject({ last_used_from: '10.0.0.1', last_used_node: 'node-a' })
  identity.forget()
  await byKey()
  const [second] = await database.sql`select last_used_at from api_key`
  expect(second?.last_used_at).toEqual(first?.last_used_at)
})

test('what was read is trusted for less than two seconds', async () => {
  await byKey()
  await database.sql`update app_user set role = 'viewer' where id = ${user.id}`
  nowMs += 1000
  expect(await byKey()).toMatchObject({ role: 'operator' })
  nowMs += 900
  expect(await byKey()).toMatchObject({ role: 'viewer' })
  await database.sql`update app_user set role = 'operator' where id = ${user.id}`
  tell({ topic: 'event', detail: '' })
  expect(await byKey()).toMatchObject({ role: 'operator' })
})

test('requests at the same moment share one question', async () => {
  identity.forget()
  expect(byKey()).toBe(byKey())
})

test('a stranger is not remembered', async () => {
  expect(await byKey('API-UNKNOWN')).toBeUndefined()
  await database.sql`insert into api_key (user_id, key_hash, hint, purpose) values (${user.id}, ${hashSecret('API-UNKNOWN')}, '', '')`
  expect(await byKey('API-UNKNOWN')).toMatchObject({ id: user.id })
})

test('a question that failed is asked again', async () => {
  await database.sql`alter table api_key rename to api_key_away`
  identity.forget()
  await expect(byKey()).rejects.toThrow()
  await database.sql`alter table api_key_away rename to api_key`
  expect(await byKey()).toMatchObject({ id: user.id })
})

test.each([
  [
    'an expired key',
    (sql: TestDatabase['sql']) => sql`update api_key set expires_at = clock_timestamp() - interval '1 second'`,
    (sql: TestDatabase['sql']) => sql`update api_key set expires_at = null`,
  ],
  [
    'the key of an inactive user',
    (sql: TestDatabase['sql']) => sql`update app_user set is_active = false`,
    (sql: TestDatabase['sql']) => sql`update app_user set is_active = true`,
  ],
])('%s is nobody’s', async (_what, spoil, mend) => {
  await spoil(database.sql)
  identity.forget()
  expect(await byKey()).toBeUndefined()
  await mend(database.sql)
  expect(await byKey()).toMatchObject({ id: user.id })
})

test('neither a session’s secrets nor a key are in the database', async () => {
  const session = await newSession()
  const [row] = await database.sql<{ everything: string }[]>`
    select (select string_agg(s::text, ' ') from session s) || (select string_agg(k::text, ' ') from api_key k) as everything`
  for (const secret of [session.token, session.csrfToken, user.key]) {
    expect(row?.everything).not.toContain(secret)
    expect(row?.everything).not.toContain(Buffer.from(secret).toString('hex'))
  }
  expect(row?.everything).toContain(hashSecret(session.token).toString('hex'))
})

test('a session ends when it is idle, use keeps it, and its absolute end comes all the same', async () => {
  const session = await newSession()
  const idHash = hashSecret(session.token)
  const age = (used: string, end: string) => {
    identity.forget()
    return database.sql`
      update session set last_used_at = clock_timestamp() - ${used}::interval, expires_at = clock_timestamp() + ${end}::interval where id_hash = ${idHash}`
  }
  await age('1 hour 59 minutes', '1 hour')
  expect(await session.identify()).toMatchObject({ id: user.id, credential: { kind: 'session' } })
  const [row] =
    await database.sql`select last_used_at > clock_timestamp() - interval '10 seconds' as fresh from session where id_hash = ${idHash}`
  expect(row).toEqual({ fresh: true })
  await age('2 hours 1 second', '1 hour')
  expect(await session.identify()).toBeUndefined()
  await age('0', '-1 second')
  expect(await session.identify()).toBeUndefined()
})

test('who asks to be remembered has longer', async () => {
  const [short, long] = [await newSession(false), await newSession(true)]
  const rows = await database.sql`
    select id_hash, idle_ms, round(extract(epoch from expires_at - created_at) / 3600)::int as hours from session
    where id_hash in ${database.sql([hashSecret(short.token), hashSecret(long.token)])} order by idle_ms`
  expect(rows.map((row) => [row.idle_ms, row.hours])).toEqual([
    [2 * HOUR, 12],
    [7 * 24 * HOUR, 30 * 24],
  ])
})
