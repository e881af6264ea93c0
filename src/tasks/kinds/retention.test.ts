import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { queueTasks } from '../../../test/support/task-nodes.ts'
import type { Sql } from '../../database/connect.ts'
import { DAY, systemClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { type AttemptContext, AttemptStop } from '../kind.ts'
import { createRetentionKind } from './retention.ts'

let database: TestDatabase
let sql: Sql

beforeEach(async () => {
  database = await createTestDatabase()
  sql = database.sql
})

afterEach(() => database?.drop())

async function run(signal = new AbortController().signal) {
  const lines: string[] = []
  const output = {
    line: (_: string, text: string) => lines.push(text),
    bytes: () => {},
    isFull: () => false,
    drained: async () => {},
    end: async () => {},
  }
  const context = { taskId: 1, attempt: 1, node: 'node-a', incarnation: '', arguments: {}, timeLimitMs: undefined }
  const surroundings = { signal, startBeforeMs: 0, output, sql, clock: systemClock, log: silentLog }
  const outcome = await createRetentionKind({ retentionMs: 30 * DAY }).run({
    ...context,
    ...surroundings,
  } as AttemptContext<Record<string, never>>)
  return { outcome, lines }
}

/** Finished tasks that ended so many days ago. */
async function addFinished(count: number, daysAgo: number) {
  const ids = await queueTasks(sql, count)
  await sql`
    update task set state = 'Success', completed_at = clock_timestamp() - ${daysAgo}::int * interval '1 day' where id = any (${ids}::bigint[])`
  return ids
}

const count = async (table: string) => (await sql<{ n: number }[]>`select count(*) as n from ${sql(table)}`)[0]?.n

test('what is past its retention goes, with its logs and attempts; the rest stays', async () => {
  const old = await addFinished(1500, 31)
  await addFinished(3, 29)
  await queueTasks(sql, 2)
  await sql`
    insert into task_log (task_id, first_line, line_count, attempt, byte_count, content)
    select ${old[0] ?? 0}, i, 1, 1, 5, 'hello' from generate_series(0, 2499) i`
  await sql`insert into task_attempt (task_id, attempt, outcome, cause) values (${old[1] ?? 0}, 1, 'Lost', 'gone')`
  const { outcome, lines } = await run()
  expect(outcome).toEqual({ state: 'Success' })
  expect([await count('task'), await count('task_log'), await count('task_attempt')]).toEqual([5, 0, 0])
  expect(lines).toEqual(expect.arrayContaining(['finished tasks: 1500', 'chunks of task logs: 2500']))
})

test('no statement removes more than a thousand rows', async () => {
  await addFinished(1200, 31)
  await sql`
    insert into task_log (task_id, first_line, line_count, attempt, byte_count, content)
    select id, i, 1, 1, 5, 'hello' from task, generate_series(0, 2) i`
  await sql`insert into event (occurred, category, message, username) select clock_timestamp() - interval '31 days', 'Created', 'x', 'u' from generate_series(1, 2600)`
  await sql`create table removed (tab text, rows bigint)`
  await sql.unsafe(`
    create function note_removed() returns trigger language plpgsql as $$
    begin insert into removed select tg_table_name, count(*) from old_rows; return null; end $$`)
  for (const table of ['task', 'task_log', 'event']) {
    await sql.unsafe(
      `create trigger note after delete on ${table} referencing old table as old_rows for each statement execute function note_removed()`,
    )
  }
  await run()
  const rows = await sql<{ tab: string; most: number; total: number }[]>`
    select tab, max(rows) as most, sum(rows)::bigint as total from removed group by tab order by tab`
  expect(rows.map(({ tab, total }) => [tab, total])).toEqual([
    ['event', 2600],
    ['task', 1200],
    ['task_log', 3600],
  ])
  for (const { most } of rows) expect(most).toBeLessThanOrEqual(1000)
})

test('events past the retention go, by no other way', async () => {
  await sql`insert into event (occurred, category, message, username) select clock_timestamp() - interval '31 days', 'Created', 'old', 'u' from generate_series(1, 1700)`
  await sql`insert into event (category, message, username) values ('Created', 'new', 'u')`
  await run()
  expect(await sql`select message from event`).toEqual([{ message: 'new' }])
  await expect(sql`delete from event`).rejects.toThrow('append-only')
})

test('ended sessions, old idempotency keys and past throttles go', async () => {
  const [user] = await sql<
    { id: number }[]
  >`insert into app_user (username, role) values ('ann', 'viewer') returning id`
  const addSession = (idleMs: number, expires: string) => sql`
    insert into session (id_hash, user_id, csrf_hash, idle_ms, expires_at, last_used_at)
    values (${randomBytes(8)}, ${user?.id ?? 0}, ${randomBytes(8)}, ${idleMs}, clock_timestamp() + ${expires}::interval, clock_timestamp() - interval '1 h')`
  await addSession(10_000_000, '-1 s')
  await addSession(1000, '1 day')
  await addSession(10_000_000, '1 day')
  await sql`insert into idempotency (user_id, key, operation, result, created_at) values (1, 'old', 'task', '1', clock_timestamp() - interval '25 h'), (1, 'new', 'task', '2', clock_timestamp())`
  await sql`insert into throttle (key, failures, window_end) values ('old', 1, clock_timestamp() - interval '1 s'), ('new', 1, clock_timestamp() + interval '1 h')`
  await run()
  expect(await count('session')).toBe(1)
  expect(await sql`select key from idempotency`).toEqual([{ key: 'new' }])
  expect(await sql`select key from throttle`).toEqual([{ key: 'new' }])
})

test('the last task of a recurring job stays', async () => {
  const [kept = 0] = await addFinished(5, 100)
  await sql`insert into recurring_job (name, kind, description, every_ms, next_due, last_task) values ('retention', 'Retention', 'x', 3600000, clock_timestamp(), ${kept})`
  await run()
  expect(await sql`select id from task`).toEqual([{ id: kept }])
})

test('it stops between batches when asked to, and a second run carries on', async () => {
  await addFinished(900, 31)
  const stop = new AbortController()
  stop.abort(new AttemptStop('cancel', 'Cancelled by ann.'))
  await expect(run(stop.signal)).rejects.toMatchObject({ reason: 'cancel' })
  expect(await count('task')).toBe(900)
  await run()
  expect(await count('task')).toBe(0)
  expect((await run()).lines).toContain('finished tasks: 0')
})
