import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createTestUser,
  type Json,
  sessionOf,
  startTestApi,
  type TestApi,
} from '../../../../test/support/api-server.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { baseOperations, withRoot } from '../base.ts'

let database: TestDatabase
let api: TestApi
let admin: { id: number; key: string }
let viewer: { id: number; key: string }

beforeAll(async () => {
  database = await createTestDatabase()
  admin = await createTestUser(database, 'administrator', 'admin')
  viewer = await createTestUser(database, 'viewer', 'vera')
  api = await startTestApi(database, { operations: withRoot(baseOperations) })
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

function call(method: string, path: string, body?: unknown, key = admin.key) {
  return api.call(method, path, { key, ...(body === undefined ? {} : { body }) })
}

async function createPerson(username: string, more: object = {}): Promise<Json> {
  const answer = await call('POST', '/api/users', { Username: username, Password: 'a password', ...more })
  expect(answer.status).toBe(201)
  return answer.body
}

async function lastEvent(): Promise<Json> {
  const [event] = await database.sql`select * from event order by id desc limit 1`
  return event
}

test('a user is created, found again by its own link, and audited without its password', async () => {
  const created = await createPerson('Paula', {
    DisplayName: ' Paula P. ',
    EmailAddress: 'p@example.com',
    Role: 'Operator',
  })
  expect(created).toMatchObject({
    Username: 'Paula',
    DisplayName: 'Paula P.',
    EmailAddress: 'p@example.com',
    Role: 'operator',
    IsActive: true,
    IsService: false,
    Identities: [],
  })
  expect(created.Created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/)
  expect((await call('GET', created.Links.Self)).body).toEqual(created)
  const event = await lastEvent()
  expect(event).toMatchObject({
    category: 'Created',
    username: 'admin',
    established_with: expect.stringMatching(/^key APIKeys-\d+$/),
    address: '127.0.0.1',
    node: 'node-a',
    related: [created.Id],
  })
  expect(JSON.stringify(event)).not.toContain('a password')
  expect(
    (await api.call('POST', '/api/users/login', { body: { Username: 'PAULA', Password: 'a password' } })).status,
  ).toBe(200)
})

test.each([
  [{ Password: 'a password' }, 'Username'],
  [{ Username: '', Password: 'a password' }, 'Username'],
  [{ Username: 'x'.repeat(300), Password: 'a password' }, 'Username'],
  [{ Username: 'a\tb', Password: 'a password' }, 'Username'],
  [{ Username: 'a\u0000b', Password: 'a password' }, 'Username'],
  [{ Username: 7, Password: 'a password' }, 'Username'],
  [{ Username: 'new' }, 'Password'],
  [{ Username: 'new', Password: 'short' }, 'Password'],
  [{ Username: 'new', Password: 'x'.repeat(1001) }, 'Password'],
  [{ Username: 'new', Password: 'a password', Role: 'king' }, 'Role'],
  [{ Username: 'new', Password: 'a password', IsActive: 'perhaps' }, 'IsActive'],
  [{ Username: 'new', Password: 'a password', EmailAddress: {} }, 'EmailAddress'],
  [{ Username: 'new', Password: 'a password', IsService: true }, 'Password'],
])('%j is refused, names %s, and changes nothing', async (body, field) => {
  const before = await database.sql`select count(*) from app_user`
  const answer = await call('POST', '/api/users', body)
  expect(answer.status).toBe(400)
  expect(answer.body.Errors.join()).toContain(field)
  expect(await database.sql`select count(*) from app_user`).toEqual(before)
})

test('a name is taken in whatever letter case', async () => {
  await createPerson('Quentin')
  const answer = await call('POST', '/api/users', { Username: 'qUENTIN', Password: 'a password' })
  expect(answer.status).toBe(409)
  expect(answer.body.Errors).toHaveLength(1)
  expect((await call('PUT', `/api/users/Users-${viewer.id}`, { Username: 'QUENTIN' })).status).toBe(409)
})

test('the same Idempotency-Key creates one user, also when both come at once', async () => {
  const create = () =>
    api.call('POST', '/api/users', {
      key: admin.key,
      headers: { 'idempotency-key': 'create Rita' },
      body: { Username: 'Rita', Password: 'a password' },
    })
  const answers = await Promise.all([create(), create(), create()])
  expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201])
  expect(new Set(answers.map((answer) => answer.body.Id)).size).toBe(1)
  const other = await api.call('POST', `/api/users/Users-${admin.id}/apikeys`, {
    key: admin.key,
    headers: { 'idempotency-key': 'create Rita' },
    body: { Purpose: 'x' },
  })
  expect(other.status).toBe(409)
  const bad = await api.call('POST', '/api/users', {
    key: admin.key,
    headers: { 'idempotency-key': 'x'.repeat(201) },
    body: { Username: 'Rob', Password: 'a password' },
  })
  expect(bad.status).toBe(400)
})

test('a request that failed may be sent again with its Idempotency-Key', async () => {
  const create = (name: string) =>
    api.call('POST', '/api/users', {
      key: admin.key,
      headers: { 'idempotency-key': 'again' },
      body: { Username: name, Password: 'a password' },
    })
  expect((await create('admin')).status).toBe(409)
  expect((await create('Sandra')).status).toBe(201)
})

test('lists are by name, paged, filtered, and bare under /all', async () => {
  const all = (await call('GET', '/api/users/all')).body
  const names: string[] = all.map((user: Json) => user.Username.toLowerCase())
  expect(names).toEqual([...names].sort())
  const page = (await call('GET', '/api/users?take=2&skip=1')).body
  expect(page).toMatchObject({ ItemType: 'User', TotalResults: all.length, ItemsPerPage: 2, IsStale: false })
  expect(page.Items).toEqual(all.slice(1, 3))
  expect((await call('GET', page.Links['Page.Next'])).body.Items).toEqual(all.slice(3, 5))
  expect((await call('GET', '/api/users?filter=VER')).body.Items.map((user: Json) => user.Username)).toEqual(['vera'])
  expect((await call('GET', `/api/users?ids=Users-${viewer.id},Users-999999,nonsense`)).body.Items).toHaveLength(1)
  expect((await call('GET', '/api/users?ids=nonsense')).body.TotalResults).toBe(0)
  expect((await call('GET', '/api/users?take=0')).body).toMatchObject({ Items: [], TotalResults: all.length })
})

test.each(['Users-999999', 'Users-0', 'Users-x', 'nonsense', 'Users-99999999999999999999', '%00', "1';--"])(
  'there is no user %s',
  async (id) => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await call(method, `/api/users/${id}`, method === 'PUT' ? {} : undefined)
      expect(answer.status).toBe(404)
      expect(Object.keys(answer.body)).toEqual(['ErrorMessage'])
    }
  },
)

test('PUT changes what it names, takes back the whole resource, and tells before and after', async () => {
  const user = await createPerson('Tom')
  const answer = await call('PUT', user.Links.Self, {
    ...user,
    DisplayName: 'Thomas',
    Role: 'operator',
    LastModifiedOn: 'x',
  })
  expect(answer.status).toBe(200)
  expect(answer.body).toEqual({ ...user, DisplayName: 'Thomas', Role: 'operator' })
  expect(await lastEvent()).toMatchObject({
    category: 'Modified',
    before: { DisplayName: 'Tom', Role: 'viewer' },
    after: { DisplayName: 'Thomas', Role: 'operator' },
  })
  const events = await database.sql`select count(*) from event`
  expect((await call('PUT', user.Links.Self, answer.body)).status).toBe(200)
  expect(await database.sql`select count(*) from event`).toEqual(events)
  expect((await call('PUT', user.Links.Self, { EmailAddress: 'x@example.com' })).body.EmailAddress).toBe(
    'x@example.com',
  )
  expect((await call('PUT', user.Links.Self, { EmailAddress: null })).body.EmailAddress).toBeNull()
})

test('a new role ends the sessions of the user', async () => {
  const user = await createPerson('Ulf')
  const { cookie } = sessionOf(
    await api.call('POST', '/api/users/login', { body: { Username: 'Ulf', Password: 'a password' } }),
  )
  expect((await api.call('GET', '/api/users/me', { headers: { cookie } })).status).toBe(200)
  await call('PUT', user.Links.Self, { Role: 'operator' })
  expect((await api.call('GET', '/api/users/me', { headers: { cookie } })).status).toBe(401)
})

test('everybody sees and changes themselves, but neither name, role nor activity, nor others', async () => {
  const own = `/api/users/Users-${viewer.id}`
  expect((await call('GET', own, undefined, viewer.key)).status).toBe(200)
  expect(
    (await call('PUT', own, { DisplayName: 'V.', Username: 'vera', Role: 'viewer' }, viewer.key)).body.DisplayName,
  ).toBe('V.')
  for (const body of [{ Role: 'administrator' }, { Username: 'root' }, { IsActive: false }]) {
    const answer = await call('PUT', own, body, viewer.key)
    expect(answer.status).toBe(403)
    expect(answer.body.ErrorMessage).toContain('UserEdit')
  }
  const other = `/api/users/Users-${admin.id}`
  for (const [method, path] of [
    ['GET', other],
    ['PUT', other],
    ['DELETE', other],
    ['DELETE', own],
    ['GET', '/api/users'],
    ['GET', '/api/users/all'],
    ['POST', `${other}/revoke-sessions`],
    ['GET', `${other}/apikeys`],
    ['POST', `${other}/apikeys`],
    ['GET', `${other}/permissions`],
    ['GET', '/api/users/Users-999999'],
  ] as const) {
    const answer = await call(method, path, method === 'GET' ? undefined : { Purpose: 'x' }, viewer.key)
    expect([method, path, answer.status]).toEqual([method, path, 403])
  }
})

test('one’s own password changes only with the present one; then other sessions end and this one is renewed', async () => {
  const user = await createPerson('Wilma')
  const logIn = (password: string) =>
    api.call('POST', '/api/users/login', { body: { Username: 'Wilma', Password: password } })
  const [here, elsewhere] = [sessionOf(await logIn('a password')), sessionOf(await logIn('a password'))]
  const put = (body: object) => api.call('PUT', user.Links.Self, { headers: here, body })
  expect((await put({ Password: 'another password' })).body.Errors).toEqual([
    'CurrentPassword is missing: to change your own password, give the present one too.',
  ])
  expect((await put({ Password: 'another password', CurrentPassword: 'guess' })).body.Errors).toEqual([
    'CurrentPassword is wrong.',
  ])
  const changed = await put({ Password: 'another password', CurrentPassword: 'a password' })
  expect(changed.status).toBe(200)
  expect((await api.call('GET', '/api/users/me', { headers: elsewhere })).status).toBe(401)
  expect((await api.call('GET', '/api/users/me', { headers: here })).status).toBe(401)
  expect((await api.call('GET', '/api/users/me', { headers: sessionOf(changed) })).status).toBe(200)
  expect((await logIn('a password')).status).toBe(401)
  expect((await logIn('another password')).status).toBe(200)
  const [event] =
    await database.sql`select before, after from event where category = 'Modified' and related @> ${[user.Id]} order by id desc`
  expect(event).toEqual({ before: {}, after: { Password: 'changed' } })
})

test('guesses at the present password are throttled like logins', async () => {
  const user = await createPerson('Xenia')
  const session = sessionOf(
    await api.call('POST', '/api/users/login', { body: { Username: 'Xenia', Password: 'a password' } }),
  )
  const guess = () =>
    api.call('PUT', user.Links.Self, {
      headers: session,
      body: { Password: 'another password', CurrentPassword: 'guess' },
    })
  const statuses: number[] = []
  for (let i = 0; i < 12; i++) statuses.push((await guess()).status)
  expect(statuses.filter((status) => status === 400)).toHaveLength(10)
  expect(statuses.at(-1)).toBe(429)
})

test('an administrator sets another’s password without knowing it', async () => {
  const user = await createPerson('Yves')
  expect((await call('PUT', user.Links.Self, { Password: 'a new password' })).status).toBe(200)
  expect(
    (await api.call('POST', '/api/users/login', { body: { Username: 'Yves', Password: 'a new password' } })).status,
  ).toBe(200)
})

test('the last administrator who can log in can be neither demoted, made inactive nor deleted, also not by two at once', async () => {
  const self = `/api/users/Users-${admin.id}`
  for (const body of [{ Role: 'viewer' }, { IsActive: false }]) {
    const answer = await call('PUT', self, body)
    expect(answer.status).toBe(409)
    expect(answer.body.ErrorMessage).toContain('only active administrator')
  }
  await call('POST', '/api/users', { Username: 'robot', IsService: true, Role: 'administrator' })
  expect((await call('PUT', self, { Role: 'viewer' })).status).toBe(409)
  expect((await call('DELETE', self)).status).toBe(409)
  const second = await createTestUser(database, 'administrator', 'second')
  const answers = await Promise.all([
    call('PUT', self, { Role: 'viewer' }, second.key),
    call('PUT', `/api/users/Users-${second.id}`, { Role: 'viewer' }, admin.key),
  ])
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409])
  await database.sql`update app_user set role = 'administrator' where id = ${admin.id}`
  await database.sql`update app_user set role = 'viewer' where id = ${second.id}`
  api.context.identity.forget()
})

test('a deleted user is gone, with sessions and keys, and stays in the audit trail', async () => {
  const user = await createPerson('Zoe')
  const { cookie } = sessionOf(
    await api.call('POST', '/api/users/login', { body: { Username: 'Zoe', Password: 'a password' } }),
  )
  const answer = await call('DELETE', user.Links.Self)
  expect([answer.status, answer.body]).toEqual([200, {}])
  expect((await call('GET', user.Links.Self)).status).toBe(404)
  expect((await call('DELETE', user.Links.Self)).status).toBe(404)
  expect((await api.call('GET', '/api/users/me', { headers: { cookie } })).status).toBe(401)
  const rows = await database.sql`select category from event where related @> ${[user.Id]} order by id`
  expect(rows.map((row) => row.category)).toEqual(['Created', 'LoginSucceeded', 'Deleted'])
  await expect(database.sql`delete from event`).rejects.toThrow('append-only')
})

test('a service account has keys and no password', async () => {
  const robot = (await call('POST', '/api/users', { Username: 'robot-2', IsService: true, Role: 'operator' })).body
  expect(robot).toMatchObject({ IsService: true, CanPasswordBeEdited: false })
  expect((await call('PUT', robot.Links.Self, { Password: 'a password' })).status).toBe(400)
  expect((await call('PUT', robot.Links.Self, { IsService: false })).status).toBe(400)
  const made = await call('POST', `/api/users/${robot.Id}/apikeys`, { Purpose: 'build' })
  expect((await call('GET', '/api/users/me', undefined, made.body.ApiKey)).body).toMatchObject({
    Id: robot.Id,
    IsRequestor: true,
  })
})

test('what a user may do, and has', async () => {
  const path = `/api/users/Users-${viewer.id}`
  const permissions = (await call('GET', `${path}/permissions`)).body
  expect(permissions).toMatchObject({
    Id: `Users-${viewer.id}`,
    SystemPermissions: ['ServerNodeView'],
    IsTeamsComplete: true,
    IsPermissionsComplete: true,
  })
  expect(Object.keys(permissions.SpacePermissions)).toEqual(['TaskView', 'EventView'])
  expect(permissions.SpacePermissions.TaskView).toEqual([
    {
      RestrictedToProjectIds: [],
      RestrictedToEnvironmentIds: [],
      RestrictedToTenantIds: [],
      RestrictedToProjectGroupIds: [],
      SpaceId: 'Spaces-1',
    },
  ])
  expect((await call('GET', `${path}/teams`)).body).toEqual([])
  expect((await call('GET', `${path}/spaces`)).body).toMatchObject([{ Id: 'Spaces-1', IsDefault: true }])
  expect((await call('GET', '/api/users/authentication')).body.AuthenticationProviders).toHaveLength(1)
  expect(
    (await call('GET', `/api/users/authentication/Users-${viewer.id}`)).body.CanCurrentUserEditIdentitiesForUser,
  ).toBe(true)
})
