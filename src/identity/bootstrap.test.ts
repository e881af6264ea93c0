import { afterEach, beforeEach, expect, test } from 'vitest'
import { CHEAP_PASSWORDS } from '../../test/support/api-server.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { silentLog } from '../lib/log.ts'
import { must } from '../lib/must.ts'
import { ensureFirstUser } from './bootstrap.ts'
import { createPasswordHasher } from './passwords.ts'
import { createApiKey, hashSecret } from './secrets.ts'

let database: TestDatabase

beforeEach(async () => {
  database = await createTestDatabase()
})

afterEach(() => database.drop())

const first = { username: 'admin', log: silentLog, passwordCost: CHEAP_PASSWORDS }

test('the first administrator gets a made-up password, told once, and the given key', async () => {
  const apiKey = createApiKey()
  const result = await ensureFirstUser(database.sql, { ...first, apiKey })
  expect(result.isCreated).toBe(true)
  const [user] = await database.sql`select username, role, password_hash from app_user`
  expect(user).toMatchObject({ username: 'admin', role: 'administrator' })
  expect(await createPasswordHasher().verify(must(result.generatedPassword), must(user).password_hash)).toBe(true)
  const [key] = await database.sql`select key_hash, expires_at from api_key`
  expect(key).toEqual({ key_hash: hashSecret(apiKey), expires_at: null })
  const [event] = await database.sql`select category, username, after from event`
  expect(event).toMatchObject({
    category: 'Created',
    username: 'system',
    after: { Username: 'admin', Role: 'administrator' },
  })
  expect(await ensureFirstUser(database.sql, first)).toEqual({ isCreated: false })
})

test('a given password is used and not told', async () => {
  expect(await ensureFirstUser(database.sql, { ...first, password: 'pw' })).toEqual({ isCreated: true })
  const [user] = await database.sql`select password_hash from app_user`
  expect(await createPasswordHasher().verify('pw', must(user).password_hash)).toBe(true)
})

test('of nodes that start at once exactly one makes the user and knows its password', async () => {
  const results = await Promise.all(Array.from({ length: 6 }, () => ensureFirstUser(database.sql, first)))
  expect(results.filter((result) => result.isCreated)).toHaveLength(1)
  expect(results.filter((result) => result.generatedPassword !== undefined)).toHaveLength(1)
  expect(await database.sql`select id from app_user`).toHaveLength(1)
})

test.each([
  [{ username: '' }, 'TAKO_ADMIN_USERNAME'],
  [{ username: ' admin' }, 'TAKO_ADMIN_USERNAME'],
  [{ username: 'ad\nmin' }, 'TAKO_ADMIN_USERNAME'],
  [{ username: 'x'.repeat(101) }, 'TAKO_ADMIN_USERNAME'],
  [{ password: '' }, 'TAKO_ADMIN_PASSWORD'],
  [{ apiKey: 'api-lower' }, 'TAKO_ADMIN_API_KEY'],
])('%j is refused by the name of its setting, and nothing is made', async (wrong, setting) => {
  await expect(ensureFirstUser(database.sql, { ...first, ...wrong })).rejects.toMatchObject({
    name: 'ConfigurationError',
    message: expect.stringContaining(setting),
  })
  expect(await database.sql`select id from app_user`).toHaveLength(0)
})
