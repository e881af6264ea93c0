import { afterEach, expect, test } from 'vitest'
import { freePort } from '../../test/support/cluster.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { connect } from '../database/connect.ts'
import { schemaNumber } from '../database/migrations/all.ts'
import { systemClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { prepareDatabase } from './prepare-database.ts'

let database: TestDatabase | undefined
afterEach(async () => {
  await database?.drop()
  database = undefined
})

async function prepare(url: string, signal = new AbortController().signal) {
  const sql = connect(url, { purpose: 'test', owner: 'prepare', max: 1 })
  return await prepareDatabase(sql, { clock: systemClock, log: silentLog, signal }).finally(() =>
    sql.end({ timeout: 0 }),
  )
}

test('a database that refuses the password is one sentence, without the password', async () => {
  database = await createTestDatabase()
  const url = new URL(database.url)
  url.password = 'wrong-secret'
  const failure = await prepare(url.href).catch((error: unknown) => error)
  expect(failure).toMatchObject({ name: 'ConfigurationError' })
  expect(String(failure)).toContain('refuses the login')
  expect(String(failure)).not.toContain('wrong-secret')
})

test('a database that does not exist is one sentence', async () => {
  database = await createTestDatabase()
  const url = new URL(database.url)
  url.pathname = '/no_such_database'
  await expect(prepare(url.href)).rejects.toThrow('does not exist')
})

test('a server that cannot be reached is waited for', async () => {
  const nobody = `postgres://a:b@127.0.0.1:${await freePort()}/x`
  await expect(prepare(nobody, AbortSignal.timeout(1500))).rejects.toMatchObject({
    name: expect.stringMatching(/Abort|Timeout/),
  })
})

test('a schema that newer nodes have changed is reported, and left alone', async () => {
  database = await createTestDatabase()
  expect((await prepare(database.url)).newerSchema).toBeUndefined()
  await database.sql`insert into schema_migration (number) values (${schemaNumber + 3})`
  expect((await prepare(database.url)).newerSchema).toContain(`the database has ${schemaNumber + 3}`)
})
