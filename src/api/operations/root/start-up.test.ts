import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createTestUser,
  type Json,
  sessionOf,
  startTestApi,
  type TestApi,
} from '../../../../test/support/api-server.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { createPasswordHasher } from '../../../identity/passwords.ts'
import { allOperations } from '../../all-operations.ts'

let database: TestDatabase
let api: TestApi
let key: string

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { operations: allOperations })
  key = (await createTestUser(database, 'administrator', 'admin')).key
  await database.sql`update app_user set password_hash = ${await createPasswordHasher({ logN: 10, r: 8, p: 1 }).hash('a password')}`
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

async function get(path: string): Promise<Json> {
  const answer = await api.call('GET', path, { key })
  expect([path, answer.status]).toEqual([path, 200])
  return answer.body
}

/** A link as clients use it: without what is optional in its template. */
function plain(link: string): string {
  return link.replaceAll(/\{[^}]*\}/g, '')
}

test('the root document is as every client demands, with and without the slash and a login', async () => {
  for (const path of ['/api', '/api/']) {
    const answer = await api.call('GET', path)
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({
      Application: 'Octopus Deploy',
      Version: '2025.4.10000',
      ApiVersion: '3.0.0',
      InstallationId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    })
    expect(answer.text).not.toContain('0.1.0')
    expect(answer.text).not.toContain('node-a')
  }
})

test('every link is a flat rooted path that leads somewhere', async () => {
  for (const path of ['/api', '/api/Spaces-1', '/api/spaces/Spaces-1', '/api/users/me']) {
    const { Links } = await get(path)
    for (const [name, link] of Object.entries(Links)) {
      expect([name, link]).toEqual([name, expect.stringMatching(/^\/(api|app)/)])
      if (String(link).startsWith('/app') || String(link).includes('/stream')) continue
      const target = plain(String(link).replace('{spaceId}', 'Spaces-1').replace('{name}', 'nothing'))
      const found = await api.call('GET', target, { key })
      const isThere =
        found.status !== 404 || (String(link).includes('{name}') && !found.body.ErrorMessage.includes('nothing at'))
      expect([name, target, isThere]).toEqual([name, target, true])
    }
  }
})

test('a client of TypeScript: the root, then the space by its name', async () => {
  expect(await get('/api')).toBeTruthy()
  const page = await get('/api/spaces?partialName=Default&skip=0&take=2147483647')
  expect(page).toMatchObject({ TotalResults: 1, Items: [{ Id: 'Spaces-1', Name: 'Default' }] })
  expect((await get('/api/spaces?partialName=Other&skip=0&take=2147483647')).TotalResults).toBe(0)
  const { Capabilities } = await get('/api/capabilities')
  expect(Capabilities.filter((name: string) => name === 'GetAllSpacesRequest')).toHaveLength(1)
  expect(await get('/api/capabilities/getallspacesrequest')).toEqual({ Exists: true })
  expect((await api.call('GET', '/api/capabilities/SomeMadeUpRequest', { key })).status).toBe(404)
})

test('a client of Go without a space: the root, the spaces page by page to the default one, then links of the root', async () => {
  const root = await get('/api/')
  let page = await get(plain(root.Links.Spaces))
  const spaces = [...page.Items]
  while (page.Links['Page.Next']) {
    page = await get(page.Links['Page.Next'])
    spaces.push(...page.Items)
  }
  expect(spaces.find((space: Json) => space.IsDefault)).toMatchObject({ Id: 'Spaces-1' })
  expect((await get(plain(root.Links.CurrentUser))).Username).toBe('admin')
})

test('a client of Go with a space: the root and the space’s document, which holds links only', async () => {
  await get('/api/')
  const home = await get('/api/Spaces-1')
  expect(Object.keys(home)).toEqual(['Id', 'Links'])
  expect((await api.call('GET', '/api/Spaces-999', { key })).status).toBe(404)
})

test('the command line client: login, and a command in a space', async () => {
  for (const path of [
    '/api/',
    '/api/spaces',
    '/api/users/me',
    '/api/',
    '/api/spaces',
    '/api/spaces/all',
    '/api/',
    '/api/Spaces-1',
  ])
    await get(path)
  expect(await get('/api/configuration/feature-toggles?Name=indicate-missing-packages-for-release')).toEqual({
    FeatureToggles: [],
  })
})

test('a client of .NET: the root, the user, its spaces, the default one’s home; PUT and DELETE as POST; Self after each write', async () => {
  await get('/api')
  const me = await get('/api/users/me')
  const spaces = await get(plain(me.Links.Spaces))
  expect(await get(spaces.find((space: Json) => space.IsDefault).Links.SpaceHome)).toMatchObject({ Id: 'Spaces-1' })
  const created = await api.call('POST', '/api/users', { key, body: { Username: 'net', Password: 'a password' } })
  const override = (method: string, body?: Json) =>
    api.call('POST', created.body.Links.Self, { key, headers: { 'x-http-method-override': method }, body })
  const updated = await override('PUT', { ...created.body, DisplayName: 'dot net' })
  expect(await get(updated.body.Links.Self)).toEqual(updated.body)
  expect((await override('DELETE')).status).toBe(200)
  expect((await api.call('GET', created.body.Links.Self, { key })).status).toBe(404)
})

test('a client of .NET signs in with exactly one cookie for its token, and out again', async () => {
  const answer = await api.call('POST', '/api/users/login', {
    body: { Username: 'admin', Password: 'a password', RememberMe: false, State: { UsingSecureConnection: false } },
  })
  expect(answer.headers.getSetCookie().filter((cookie) => cookie.startsWith('Octopus-Csrf-Token'))).toHaveLength(1)
  const session = sessionOf(answer)
  expect((await api.call('POST', '/api/users/logout', { headers: session })).status).toBe(200)
})

test('collections of what there is none of, and what is said of permissions', async () => {
  expect(await get('/api/teams')).toMatchObject({ ItemType: 'Team', TotalResults: 0, Items: [] })
  expect(await get('/api/Spaces-1/teams/all')).toEqual([])
  expect((await get('/api/permissions/all')).TaskView).toMatchObject({
    CanApplyAtSpaceLevel: true,
    Description: expect.any(String),
  })
  expect((await get('/api/authentication')).AuthenticationProviders[0].Name).toBe('Username / Password')
  expect(await get('/api/spaces/default')).toEqual(await get('/api/spaces/Spaces-1'))
})
