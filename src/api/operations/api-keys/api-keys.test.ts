import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestUser, type Json, startTestApi, type TestApi } from '../../../../test/support/api-server.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { DAY, HOUR } from '../../../lib/clock.ts'
import { baseOperations } from '../base.ts'

let database: TestDatabase
let api: TestApi
let user: { id: number; key: string }
let path: string

beforeAll(async () => {
  database = await createTestDatabase()
  user = await createTestUser(database, 'operator')
  api = await startTestApi(database, { operations: baseOperations })
  path = `/api/users/Users-${user.id}/apikeys`
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

function post(body: Json, key = user.key, headers: Record<string, string> = {}) {
  return api.call('POST', path, { key, body, headers })
}

/** Days from its creation to its end. */
function days(key: Json): number {
  return (Date.parse(key.Expires) - Date.parse(key.Created)) / DAY
}

test('a key is shown once, and works', async () => {
  const made = await post({ Purpose: 'for the build' })
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({
    Id: expect.stringMatching(/^APIKeys-\d+$/),
    Purpose: 'for the build',
    UserId: `Users-${user.id}`,
    ApiKey: expect.stringMatching(/^API-[A-Z\d]{38}$/),
  })
  expect((await api.call('GET', '/api/users/me', { key: made.body.ApiKey })).status).toBe(200)
  const again = (await api.call('GET', made.body.Links.Self, { key: user.key })).body
  expect(again.ApiKey).toEqual({ HasValue: true, NewValue: null, Hint: `${made.body.ApiKey.slice(0, 8)}...` })
  expect(again).toMatchObject({
    Id: made.body.Id,
    LastUsedFrom: '127.0.0.1',
    LastUsedNode: 'node-a',
    LastUsed: expect.any(String),
  })
  const [row] = await database.sql<
    { everything: string }[]
  >`select string_agg(k::text, ' ') || (select string_agg(e::text, ' ') from event e) as everything from api_key k`
  expect(row?.everything).not.toContain(made.body.ApiKey)
})

test('without an end it lasts 180 days, with null for ever, with a date until then', async () => {
  expect(days((await post({ Purpose: 'a' })).body)).toBeCloseTo(180, 3)
  expect((await post({ Purpose: 'b', Expires: null })).body.Expires).toBeNull()
  const date = new Date(Date.now() + HOUR).toISOString()
  expect((await post({ Purpose: 'c', Expires: date })).body.Expires).toBe(date.replace('Z', '+00:00'))
})

test.each([
  [{}, 'Purpose'],
  [{ Purpose: '' }, 'Purpose'],
  [{ Purpose: 'x'.repeat(300) }, 'Purpose'],
  [{ Purpose: 'a\nb' }, 'Purpose'],
  [{ Purpose: 'x', Expires: 'tomorrow' }, 'Expires'],
  [{ Purpose: 'x', Expires: '2001-01-01T00:00:00Z' }, 'Expires'],
  [{ Purpose: 'x', Expires: 7 }, 'Expires'],
])('%j is refused and names %s', async (body, field) => {
  const answer = await post(body)
  expect(answer.status).toBe(400)
  expect(answer.body.ErrorMessage).toContain(field)
})

test('a key made with a key never outlasts it', async () => {
  const short = (await post({ Purpose: 'short', Expires: new Date(Date.now() + HOUR).toISOString() })).body
  for (const Expires of [undefined, null, new Date(Date.now() + DAY).toISOString()]) {
    expect((await post({ Purpose: 'child', Expires }, short.ApiKey)).body.Expires).toBe(short.Expires)
  }
})

test('an expired key is refused and stays in the list, so that its owner sees why', async () => {
  const made = (await post({ Purpose: 'gone' })).body
  await database.sql`update api_key set expires_at = clock_timestamp() - interval '1 second' where purpose = 'gone'`
  expect((await api.call('GET', '/api/users/me', { key: made.ApiKey })).status).toBe(401)
  expect((await api.call('GET', made.Links.Self, { key: user.key })).status).toBe(200)
})

test('a repeated request makes one key; the repetition cannot show it again', async () => {
  const headers = { 'idempotency-key': 'once' }
  const [first, second] = [
    await post({ Purpose: 'once' }, user.key, headers),
    await post({ Purpose: 'once' }, user.key, headers),
  ]
  expect(second.status).toBe(201)
  expect(second.body.Id).toBe(first.body.Id)
  expect(second.body.ApiKey).toMatchObject({ HasValue: true })
})

test('the list is newest first, paged and searched by purpose', async () => {
  const list = (await api.call('GET', `${path}?take=3`, { key: user.key })).body
  const numbers = list.Items.map((key: Json) => Number(key.Id.slice(8)))
  expect(numbers).toEqual([...numbers].sort((x: number, y: number) => y - x))
  expect(list.ItemType).toBe('ApiKey')
  expect((await api.call('GET', `${path}?partialPurpose=BUILD`, { key: user.key })).body.Items).toHaveLength(1)
})

test.each(['APIKeys-999999', 'nonsense', 'APIKeys-'])('there is no key %s', async (id) => {
  expect((await api.call('GET', `${path}/${id}`, { key: user.key })).status).toBe(404)
  expect((await api.call('DELETE', `${path}/${id}`, { key: user.key })).status).toBe(404)
})

test('nobody reaches another’s key through their own path', async () => {
  const other = await createTestUser(database, 'viewer', 'other')
  const [row] = await database.sql`select id from api_key where user_id = ${user.id} order by id limit 1`
  const stolen = `/api/users/Users-${other.id}/apikeys/APIKeys-${row?.id}`
  expect((await api.call('DELETE', stolen, { key: other.key })).status).toBe(404)
  expect((await api.call('GET', stolen, { key: other.key })).status).toBe(404)
  expect((await api.call('GET', '/api/users/me', { key: user.key })).status).toBe(200)
})

test('also an administrator makes keys only to their own name and for service accounts', async () => {
  const admin = await createTestUser(database, 'administrator')
  expect((await post({ Purpose: 'x' }, admin.key)).status).toBe(403)
})

test('making and revoking are audited', async () => {
  const made = (await post({ Purpose: 'audited' })).body
  await api.call('DELETE', made.Links.Self, { key: user.key })
  const events = await database.sql`select category, before, after from event where related @> ${[made.Id]} order by id`
  expect(events).toMatchObject([
    { category: 'Created', after: { Purpose: 'audited' } },
    { category: 'Deleted', before: { Purpose: 'audited' } },
  ])
})

test('a user has only so many keys', async () => {
  await database.sql`insert into api_key (user_id, key_hash, hint, purpose) select ${user.id}, sha256(n::text::bytea), '', '' from generate_series(1, 500) n`
  expect((await post({ Purpose: 'one more' })).status).toBe(409)
})
