import { afterEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { connect } from './connect.ts'
import { migrate } from './migrate.ts'
import { schemaNumber } from './migrations/all.ts'

let database: TestDatabase
afterEach(() => database.drop())

const steps = [
  { number: schemaNumber + 1, statements: 'create table probe (n integer); insert into probe values (1)' },
  { number: schemaNumber + 2, statements: 'insert into probe values (2)' },
]

test('a database that is up to date is left alone', async () => {
  database = await createTestDatabase()
  expect(await migrate(database.sql)).toBe(schemaNumber)
})

test('nodes that migrate at the same moment apply each step once', async () => {
  database = await createTestDatabase()
  const others = [1, 2, 3].map((n) => connect(database.url, { purpose: 'test', owner: `migrator-${n}`, max: 1 }))
  const numbers = await Promise.all(others.map((sql) => migrate(sql, steps)))
  expect(numbers).toEqual([schemaNumber + 2, schemaNumber + 2, schemaNumber + 2])
  expect(await database.sql`select n from probe order by n`).toEqual([{ n: 1 }, { n: 2 }])
  await Promise.all(others.map((sql) => sql.end()))
})

test('a step that fails leaves nothing of itself behind', async () => {
  database = await createTestDatabase()
  const broken = [{ number: schemaNumber + 1, statements: 'create table probe (n integer); select 1/0' }]
  await expect(migrate(database.sql, broken)).rejects.toThrow('division by zero')
  expect(await migrate(database.sql)).toBe(schemaNumber)
  expect(await database.sql`select to_regclass('probe') as found`).toEqual([{ found: null }])
})

test('a database that newer nodes have changed is reported with its number and left alone', async () => {
  database = await createTestDatabase()
  await migrate(database.sql, steps)
  expect(await migrate(database.sql)).toBe(schemaNumber + 2)
})

test('the audit trail can neither be changed nor emptied, except by retention', async () => {
  database = await createTestDatabase()
  const { sql } = database
  await sql`insert into event (category, message, username) values ('Created', 'x', 'system')`
  await expect(sql`update event set message = 'y'`).rejects.toThrow('append-only')
  await expect(sql`delete from event`).rejects.toThrow('append-only')
  await expect(sql`truncate event`).rejects.toThrow('append-only')
  await sql.begin(async (tx) => {
    await tx`select set_config('tako.retention', 'on', true)`
    await tx`delete from event`
  })
  expect(await sql`select from event`).toHaveLength(0)
})
