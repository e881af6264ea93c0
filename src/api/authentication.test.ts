import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestUser, sessionOf, startTestApi, type TestApi } from '../../test/support/api-server.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { until } from '../../test/support/until.ts'
import { createPasswordHasher } from '../identity/passwords.ts'
import { baseOperations, withRoot } from './operations/base.ts'

const limits = { windowMs: 60_000, loginsOfAccount: 4, loginsFromAddress: 30, keysFromAddress: 6 }
const PASSWORD = 'correct horse'

let database: TestDatabase
/** Two nodes on one database. */
let a: TestApi
let b: TestApi
let admin: { id: number; key: string }

beforeAll(async () => {
  database = await createTestDatabase()
  admin = await createTestUser(database, 'administrator', 'admin')
  await database.sql`update app_user set password_hash = ${await createPasswordHasher({ logN: 9, r: 8, p: 1 }).hash(PASSWORD)}`
  const operations = withRoot(baseOperations)
  a = await startTestApi(database, { operations, name: 'node-a', limits })
  b = await startTestApi(database, { operations, name: 'node-b', limits })
})

afterAll(async () => {
  await a.stop()
  await b.stop()
  await database.drop()
})

/** Each test comes from an address of its own, which the front door on this machine vouches for. */
let addresses = 0
function from(): { 'x-forwarded-for': string } {
  addresses += 1
  return { 'x-forwarded-for': `192.0.2.${addresses}` }
}

function logIn(api: TestApi, password = PASSWORD, headers: Record<string, string> = from(), username = 'Admin') {
  return api.call('POST', '/api/users/login', {
    body: { Username: username, Password: password, RememberMe: false },
    headers,
  })
}

test.each([
  ['X-Octopus-ApiKey', (key: string) => ({ headers: { 'x-octopus-apikey': key } })],
  ['Authorization: Bearer', (key: string) => ({ headers: { authorization: `Bearer ${key}` } })],
  ['X-NuGet-ApiKey', (key: string) => ({ headers: { 'x-nuget-apikey': key } })],
  ['?apikey=', (key: string) => ({ query: `?apikey=${key}` })],
  ['?ApiKey=', (key: string) => ({ query: `?ApiKey=${key}` })],
  [
    'an empty X-Octopus-ApiKey and a Bearer',
    (key: string) => ({ headers: { 'x-octopus-apikey': '', authorization: `Bearer ${key}` } }),
  ],
])(
  'a key is read from %s',
  async (_where, put: (key: string) => { headers?: Record<string, string>; query?: string }) => {
    const { headers, query = '' } = put(admin.key)
    const answer = await a.call('GET', `/api/users/me${query}`, headers ? { headers } : {})
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ Id: `Users-${admin.id}`, Username: 'admin', IsRequestor: true })
  },
)

test('nothing, and an empty key, are nobody: 401 in JSON', async () => {
  for (const headers of [{}, { 'x-octopus-apikey': '' }] as Record<string, string>[]) {
    const answer = await a.call('GET', '/api/users/me', { headers })
    expect(answer.status).toBe(401)
    expect(answer.body.ErrorMessage).toContain('X-Octopus-ApiKey')
    expect(answer.headers.get('www-authenticate')).toContain('Bearer')
  }
  expect((await a.call('GET', '/api', { headers: { 'x-octopus-apikey': '' } })).status).toBe(200)
})

test('the body of who is not let in is not read', async () => {
  expect((await a.call('POST', '/api/users', { body: '{"broken' })).status).toBe(401)
})

test('a missing permission is 403 and named', async () => {
  const viewer = await createTestUser(database, 'viewer')
  const answer = await a.call('POST', '/api/users', { key: viewer.key, body: {} })
  expect(answer.status).toBe(403)
  expect(answer.body.ErrorMessage).toContain('UserEdit')
  expect(answer.body.Details).toEqual({ MissingPermission: 'UserEdit' })
})

test('bad keys meet one limit on all nodes, and a good key from the same address is served all the same', async () => {
  const headers = from()
  const statuses: number[] = []
  for (let i = 0; i < 8; i++) {
    const answer = await (i % 2 === 0 ? a : b).call('GET', '/api/users/me', { key: `API-WRONG${i}`, headers })
    statuses.push(answer.status)
    if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 429, 429])
  expect((await a.call('GET', '/api/users/me', { key: 'not a key at all', headers })).status).toBe(429)
  expect((await b.call('GET', '/api/users/me', { key: admin.key, headers })).status).toBe(200)
  expect((await b.call('GET', '/api/users/me', { key: 'API-WRONG', headers: from() })).status).toBe(401)
})

test.each([
  ['198.51.100.7', '198.51.100.7'],
  ['203.0.113.9, 198.51.100.8', '198.51.100.8'],
  ['198.51.100.9:51234', '198.51.100.9'],
  ['2001:db8::7', '2001:db8::7'],
  ['x'.repeat(5000), '127.0.0.1'],
  ['drop table', '127.0.0.1'],
])('of X-Forwarded-For %s the trail keeps %s', async (claimed, kept) => {
  expect((await logIn(a, 'x', { 'x-forwarded-for': claimed })).status).toBe(401)
  const [event] = await database.sql`select address from event order by id desc limit 1`
  expect(event).toEqual({ address: kept })
  await logIn(a)
})

test('the address a stranger claims is not believed from afar', async () => {
  const direct = await startTestApi(database, { operations: withRoot(baseOperations), limits, trustProxy: '192.0.2.1' })
  for (let i = 0; i < 6; i++) await direct.call('GET', '/api/users/me', { key: 'API-WRONG', headers: from() })
  expect((await direct.call('GET', '/api/users/me', { key: 'API-WRONG', headers: from() })).status).toBe(429)
  await direct.stop()
})

test('logins meet one limit on all nodes, whatever the address; then the right password waits too', async () => {
  await createUserWithPassword('guessed')
  const tries = await Promise.all([1, 2, 3, 4].map((i) => logIn(i % 2 === 0 ? a : b, 'wrong', from(), 'guessed')))
  expect(tries.map((answer) => answer.status)).toEqual([401, 401, 401, 401])
  const refused = await logIn(b, PASSWORD, from(), 'GUESSED')
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await logIn(a)).status).toBe(200)
})

test('an unknown user, an inactive one and a wrong password get the same answer', async () => {
  await createUserWithPassword('asleep')
  await database.sql`update app_user set is_active = false where username = 'asleep'`
  const answers = [
    await logIn(a, 'wrong'),
    await logIn(a, PASSWORD, from(), 'nobody'),
    await logIn(a, PASSWORD, from(), 'asleep'),
  ]
  for (const answer of answers) expect([answer.status, answer.text]).toEqual([401, answers[0]?.text])
  for (const answer of answers) expect(answer.headers.getSetCookie()).toEqual([])
})

test('a login sets the two cookies, hashes again at today’s cost, and is audited', async () => {
  const answer = await logIn(a)
  expect(answer.status).toBe(200)
  expect(answer.body).toMatchObject({ Username: 'admin', Links: { Self: `/api/users/Users-${admin.id}` } })
  const cookies = answer.headers.getSetCookie()
  const token = cookies.find((cookie) => cookie.startsWith(`OctopusIdentificationToken_${a.context.installationId}=`))
  const csrf = cookies.filter((cookie) => cookie.startsWith('Octopus-Csrf-Token'))
  expect(token).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/)
  expect(csrf).toHaveLength(1)
  expect(csrf[0]).toMatch(
    new RegExp(`^Octopus-Csrf-Token_${a.context.installationId}=[\\w-]{43}; Path=/; SameSite=Strict$`),
  )
  const [user] = await database.sql`select password_hash from app_user where username = 'admin'`
  expect(user?.password_hash).toContain('ln=10')
  const [event] =
    await database.sql`select category, username, established_with, address, node from event where category = 'LoginSucceeded' order by id desc`
  expect(event).toMatchObject({
    username: 'admin',
    established_with: 'session',
    address: expect.stringMatching(/^192\.0\.2\./),
    node: 'node-a',
  })
})

test('a login that came by https sets Secure cookies', async () => {
  const answer = await logIn(a, PASSWORD, { ...from(), 'x-forwarded-proto': 'https' })
  for (const cookie of answer.headers.getSetCookie()) expect(cookie).toContain('; Secure')
})

test('who asks to be remembered gets cookies that outlive the browser', async () => {
  const answer = await a.call('POST', '/api/users/login', {
    body: { username: 'admin', password: PASSWORD, rememberme: true },
    headers: from(),
  })
  for (const cookie of answer.headers.getSetCookie()) expect(cookie).toContain(`Max-Age=${30 * 24 * 3600}`)
})

test('a failed login is audited without the name that was typed, unless it is a user’s', async () => {
  await logIn(a, 'x', from(), 'mypassword123')
  await logIn(a, 'x')
  const events = await database.sql`select * from event where category = 'LoginFailed' order by id desc limit 2`
  expect(events.map((event) => event.message)).toEqual([
    'A login as admin failed.',
    'A login failed under a name that no user has.',
  ])
  expect(JSON.stringify(events)).not.toContain('mypassword123')
  await logIn(a)
})

test('a session is good on every node, and its changes need the CSRF token', async () => {
  const { cookie, ...csrf } = sessionOf(await logIn(a))
  expect((await b.call('GET', '/api/users/me', { headers: { cookie } })).status).toBe(200)
  const change = { DisplayName: 'The administrator' }
  const put = (headers: Record<string, string>) =>
    b.call('PUT', `/api/users/Users-${admin.id}`, { headers: { cookie, ...headers }, body: change })
  expect((await put({})).status).toBe(403)
  expect((await put({ 'x-octopus-csrf-token': 'x' })).status).toBe(403)
  expect((await put({ 'x-octopus-csrf-token': '' })).body.ErrorMessage).toContain('X-Octopus-Csrf-Token')
  const other = sessionOf(await logIn(a))
  expect((await put({ 'x-octopus-csrf-token': other['x-octopus-csrf-token'] })).status).toBe(403)
  expect((await put(csrf)).status).toBe(200)
})

test.each([
  [{ 'sec-fetch-site': 'cross-site' }, 403],
  [{ 'sec-fetch-site': 'same-site' }, 403],
  [{ 'sec-fetch-site': 'same-origin', origin: 'https://tako.example' }, 200],
  [{ origin: 'https://evil.example' }, 403],
  [{ origin: 'null' }, 403],
  [{ origin: 'https://tako.example', 'x-forwarded-host': 'tako.example' }, 200],
])('a change by session with %j is %d, also with the right token', async (headers, status) => {
  const session = sessionOf(await logIn(a))
  expect((await a.call('POST', '/api/users/logout', { headers: { ...session, ...headers } })).status).toBe(status)
})

test('the own pages’ origin is that of the address that was asked', async () => {
  const session = sessionOf(await logIn(a))
  expect((await a.call('POST', '/api/users/logout', { headers: { ...session, origin: a.url } })).status).toBe(200)
})

test('a page of another site cannot log a browser in', async () => {
  const answer = await logIn(a, PASSWORD, { ...from(), 'sec-fetch-site': 'cross-site' })
  expect(answer.status).toBe(403)
})

test('a key needs no CSRF token and may come with any origin', async () => {
  const answer = await a.call('POST', '/api/users/logout', {
    key: admin.key,
    headers: { origin: 'https://elsewhere.example' },
  })
  expect(answer.status).toBe(200)
})

test('each login starts a new session and ends the one the browser had', async () => {
  const first = sessionOf(await logIn(a))
  const second = sessionOf(await logIn(a, PASSWORD, { ...from(), cookie: first.cookie }))
  expect(second.cookie).not.toBe(first.cookie)
  await refusedSoon(b, first.cookie)
  expect((await b.call('GET', '/api/users/me', { headers: { cookie: second.cookie } })).status).toBe(200)
})

test('who logs out is out on every node, and the cookies go', async () => {
  const session = sessionOf(await logIn(a))
  expect((await b.call('GET', '/api/users/me', { headers: { cookie: session.cookie } })).status).toBe(200)
  const answer = await a.call('POST', '/api/users/logout', { headers: session })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-length')).toBe('0')
  expect(answer.headers.getSetCookie()).toHaveLength(2)
  for (const cookie of answer.headers.getSetCookie()) expect(cookie).toMatch(/=; .*Expires=Thu, 01 Jan 1970/)
  expect((await a.call('GET', '/api/users/me', { headers: { cookie: session.cookie } })).status).toBe(401)
  await refusedSoon(b, session.cookie)
})

test('a key revoked on one node is refused on the other within two seconds', async () => {
  const made = await a.call('POST', `/api/users/Users-${admin.id}/apikeys`, {
    key: admin.key,
    body: { Purpose: 'short' },
  })
  const key = made.body.ApiKey
  expect((await b.call('GET', '/api/users/me', { key })).status).toBe(200)
  const revoked = await a.call('DELETE', made.body.Links.Self, { key: admin.key })
  expect([revoked.status, revoked.body]).toEqual([200, {}])
  expect((await a.call('GET', '/api/users/me', { key, headers: from() })).status).toBe(401)
  const start = performance.now()
  await until(
    'node b refuses the key',
    async () => (await b.call('GET', '/api/users/me', { key, headers: from() })).status === 401,
    2000,
  )
  expect(performance.now() - start).toBeLessThan(2000)
})

test('ending the sessions of a user ends them everywhere, with POST as with PUT', async () => {
  for (const method of ['POST', 'PUT']) {
    const sessions = [sessionOf(await logIn(a)), sessionOf(await logIn(b))]
    expect((await a.call(method, `/api/users/Users-${admin.id}/revoke-sessions`, { key: admin.key })).status).toBe(200)
    for (const { cookie } of sessions) await refusedSoon(b, cookie)
  }
})

test('a user that is no longer active is out within two seconds, by session and by key', async () => {
  const { id, key } = await createUserWithPassword('leaver')
  const { cookie } = sessionOf(await logIn(b, PASSWORD, from(), 'leaver'))
  expect((await b.call('GET', '/api/users/me', { key })).status).toBe(200)
  expect((await a.call('PUT', `/api/users/Users-${id}`, { key: admin.key, body: { IsActive: false } })).status).toBe(
    200,
  )
  await refusedSoon(b, cookie)
  await until(
    'node b refuses the key',
    async () => (await b.call('GET', '/api/users/me', { key, headers: from() })).status === 401,
    2000,
  )
})

test('a database that is away is 503 with Retry-After, and what needs none answers', async () => {
  const lost = await startTestApi(database, {
    operations: withRoot(baseOperations),
    databaseUrl: 'postgres://x:y@127.0.0.1:1/none',
  })
  const answer = await lost.call('GET', '/api/users/me', { key: admin.key })
  expect(answer.status).toBe(503)
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(answer.body.ErrorMessage).toContain('database')
  expect((await lost.call('GET', '/api')).status).toBe(200)
  await lost.stop()
})

function refusedSoon(api: TestApi, cookie: string): Promise<boolean> {
  return until(
    'the session is refused',
    async () => (await api.call('GET', '/api/users/me', { headers: { cookie } })).status === 401,
    2000,
  )
}

async function createUserWithPassword(username: string): Promise<{ id: number; key: string }> {
  const user = await createTestUser(database, 'viewer', username)
  await database.sql`update app_user set password_hash = ${await createPasswordHasher({ logN: 10, r: 8, p: 1 }).hash(PASSWORD)} where id = ${user.id}`
  return user
}
