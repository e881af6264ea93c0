import type { Sql } from '../../database/connect.ts'
import { formatDuration } from '../../lib/duration.ts'
import type { AttemptContext, Kind, Outcome } from '../kind.ts'

/** At most this many rows go in one statement, so that none holds locks for long or delays a claim. */
const BATCH = 1000

/** One thing that ages: removes a batch of what is past its time and returns how many rows went; 0 when nothing is left. */
interface Removal {
  what: string
  batch(sql: Sql, retentionMs: number): Promise<number>
}

/** In this order: what hangs on a task goes before the task. */
const REMOVALS: readonly Removal[] = [
  { what: 'chunks of task logs', batch: removeLogs },
  { what: 'finished tasks', batch: removeTasks },
  { what: 'events', batch: removeEvents },
  { what: 'ended sessions', batch: removeSessions },
  { what: 'idempotency keys', batch: removeIdempotencyKeys },
  { what: 'counts of failed logins', batch: removeThrottles },
]

/**
 * Removes what is past its retention: finished tasks with their logs, and events; also what has ended of sessions,
 * idempotency keys and throttles. Repeatable: a run that is cut short is carried on by the next.
 */
export function createRetentionKind(deps: { retentionMs: number }): Kind<Record<string, never>> {
  return {
    name: 'Retention',
    title: 'Remove finished tasks, logs and events past their retention',
    scope: 'system',
    runsOn: 'leader',
    whenLost: 'rerun',
    createPermission: 'AdministerSystem',
    parse: () => ({}),
    describe: () => `Remove what is older than ${formatDuration(deps.retentionMs)}`,
    run: (context) => removeAll(context, deps.retentionMs),
  }
}

async function removeAll(context: AttemptContext, retentionMs: number): Promise<Outcome> {
  context.output.line('tako', `Removing what ended more than ${formatDuration(retentionMs)} ago.`)
  for (const removal of REMOVALS) {
    let removed = 0
    for (;;) {
      context.signal.throwIfAborted()
      const count = await withRepeats(() => removal.batch(context.sql, retentionMs))
      if (count === 0) break
      removed += count
    }
    context.output.line('output', `${removal.what}: ${removed}`)
  }
  return { state: 'Success' }
}

/** A batch that lost a deadlock did nothing and is tried again. */
async function withRepeats(act: () => Promise<number>): Promise<number> {
  for (let left = 5; ; left -= 1) {
    try {
      return await act()
    } catch (error) {
      const isDeadlock = error instanceof Error && 'code' in error && error.code === '40P01'
      if (!isDeadlock || left === 0) throw error
    }
  }
}

/** The last task of a recurring job stays, however old: it tells when the job last ran. */
async function removeLogs(sql: Sql, retentionMs: number): Promise<number> {
  const { count } = await sql`
    delete from task_log where (task_id, first_line) in (
      select l.task_id, l.first_line
      from task t join task_log l on l.task_id = t.id
      where t.completed_at < clock_timestamp() - ${retentionMs} * interval '1 ms'
        and not exists (select from recurring_job j where j.last_task = t.id)
      limit ${BATCH})`
  return count
}

async function removeTasks(sql: Sql, retentionMs: number): Promise<number> {
  const { count } = await sql`
    delete from task where id in (
      select t.id from task t
      where t.completed_at < clock_timestamp() - ${retentionMs} * interval '1 ms'
        and not exists (select from recurring_job j where j.last_task = t.id)
      order by t.id limit ${BATCH} for update skip locked)`
  return count
}

/** The audit trail is append-only but for this: its trigger lets a transaction that says so remove old rows. */
async function removeEvents(sql: Sql, retentionMs: number): Promise<number> {
  const [, removed] = await sql.begin((tx) => [
    tx`select set_config('tako.retention', 'on', true)`,
    tx`
      delete from event where id in (
        select id from event where occurred < clock_timestamp() - ${retentionMs} * interval '1 ms' order by occurred limit ${BATCH})`,
  ])
  return removed.count
}

async function removeSessions(sql: Sql): Promise<number> {
  const { count } = await sql`
    delete from session where id_hash in (select id_hash from session where expires_at < clock_timestamp() limit ${BATCH})`
  return count
}

async function removeIdempotencyKeys(sql: Sql): Promise<number> {
  const { count } = await sql`
    delete from idempotency where (user_id, key) in (
      select user_id, key from idempotency where created_at < clock_timestamp() - interval '24 hours' limit ${BATCH})`
  return count
}

async function removeThrottles(sql: Sql): Promise<number> {
  const { count } = await sql`
    delete from throttle where key in (select key from throttle where window_end < clock_timestamp() limit ${BATCH})`
  return count
}
