import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { recordOutput } from '../../../test/support/scripts.ts'
import { connect, type Sql } from '../../database/connect.ts'
import { schemaNumber } from '../../database/migrations/all.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { AttemptStop } from '../kind.ts'
import { createSystemIntegrityCheckKind, type Findings } from './system-integrity-check.ts'
import { checkClock, checkVacuum } from './system-integrity-check-database.ts'

let database: TestDatabase
let folder: string

beforeAll(async () => {
  database = await createTestDatabase()
  folder = mkdtempSync(join(tmpdir(), 'tako-shared-'))
})
afterAll(async () => {
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

function run(more: { sql?: Sql; sharedFolder?: string; signal?: AbortSignal } = {}) {
  const output = recordOutput()
  const kind = createSystemIntegrityCheckKind({ sharedFolder: more.sharedFolder ?? folder })
  const outcome = kind.run({
    taskId: 1,
    attempt: 1,
    node: 'node-a',
    incarnation: randomUUID(),
    arguments: kind.parse({}),
    timeLimitMs: undefined,
    signal: more.signal ?? new AbortController().signal,
    startBeforeMs: Number.POSITIVE_INFINITY,
    output,
    sql: more.sql ?? database.sql,
    clock: systemClock,
    log: silentLog,
  })
  return { outcome, output }
}

const noFindings = (): Findings => ({ facts: [], warnings: [], faults: [] })

test('the kind is a system task that any node may run again', () => {
  expect(createSystemIntegrityCheckKind({ sharedFolder: folder })).toMatchObject({
    name: 'SystemIntegrityCheck',
    scope: 'system',
    runsOn: 'any node',
    whenLost: 'rerun',
    createPermission: 'AdministerSystem',
  })
})

test('a sound system: every check says what it found, and nothing is left behind', async () => {
  const { outcome, output } = run()
  expect(await outcome).toMatchObject({ state: 'Success' })
  const text = output.textOf('output')
  expect(text).toMatch(/^database: answers in \d+\.\d ms\.$/m)
  expect(text).toContain('database: a row was written and read back.')
  expect(text).toContain(`schema: the schema is ${schemaNumber}, as this node needs it.`)
  expect(text).toMatch(/^sessions: \d+ of \d+ are in use\.$/m)
  expect(text).toMatch(/^vacuum: /m)
  expect(text).toMatch(/^clock: this node is \d+ ms (behind|ahead of) the database\.$/m)
  expect(text).toContain(`shared folder: a file was written to ${folder} and read back.`)
  expect(output.textOf('error')).toBe('')
  expect(readdirSync(folder)).toEqual([])
  expect(await database.sql`select 1 from throttle`).toHaveLength(0)
})

test('a shared folder that cannot be written fails the task, after all the other checks', async () => {
  const { outcome, output } = run({ sharedFolder: join(folder, 'missing') })
  expect(await outcome).toMatchObject({
    state: 'Failed',
    cause: expect.stringMatching(/^shared folder: ENOENT.*missing/),
  })
  expect(output.textOf('error')).toMatch(/^shared folder: ENOENT/)
  expect(output.textOf('output')).toContain('clock: ')
})

test('a database that may only be read fails the task', async () => {
  const sql = connect(database.url, {
    purpose: 'test',
    owner: 'reader',
    max: 2,
    settings: { default_transaction_read_only: 'on' },
  })
  const { outcome } = run({ sql })
  expect(await outcome.finally(() => sql.end({ timeout: 0 }))).toMatchObject({ state: 'Failed' })
})

test('another schema than the code needs: an older one is a fault, a newer one a warning', async () => {
  await database.sql`insert into schema_migration (number) values (${schemaNumber + 1})`
  const newer = run()
  expect(await newer.outcome).toMatchObject({ state: 'Success', hasWarnings: true })
  expect(newer.output.textOf('output')).toContain(
    `schema: warning: the schema is ${schemaNumber + 1}, newer than this node's`,
  )
  const rows = await database.sql<{ number: number }[]>`delete from schema_migration returning number`
  const older = run()
  expect(await older.outcome).toMatchObject({
    state: 'Failed',
    cause: expect.stringContaining('the schema is 0, but this node needs'),
  })
  for (const { number } of rows)
    if (number <= schemaNumber) await database.sql`insert into schema_migration (number) values (${number})`
})

test('a transaction that was left open is found, with who holds it', async () => {
  const sql = connect(database.url, {
    purpose: 'forgotten',
    owner: 'report',
    max: 1,
    settings: { idle_in_transaction_session_timeout: 0 },
  })
  const session = await sql.reserve()
  await session`begin isolation level repeatable read`
  await session`select 1`
  const findings = noFindings()
  await checkVacuum(findings, database.sql, 0)
  await session`rollback`
  session.release()
  await sql.end({ timeout: 0 })
  expect(findings.warnings).toEqual([
    expect.stringMatching(/^session \d+ \(tako forgotten report\) has held a transaction open for .*: end it\.$/),
  ])
})

test('a clock that differs by more than a second is a warning, by less a fact', async () => {
  const [near, behind] = [noFindings(), noFindings()]
  await checkClock(near, database.sql, () => Date.now() + 300)
  expect(near.warnings).toEqual([])
  await checkClock(behind, database.sql, () => Date.now() - 5000)
  expect(behind.facts).toEqual([expect.stringMatching(/^this node is (4\d{3}|5\d{3}) ms behind the database\.$/)])
  expect(behind.warnings).toHaveLength(1)
})

test('a stop ends the checks', async () => {
  const stopping = new AbortController()
  stopping.abort(new AttemptStop('cancel', 'Canceled by alice.'))
  await expect(run({ signal: stopping.signal }).outcome).rejects.toThrow('Canceled by alice.')
})
