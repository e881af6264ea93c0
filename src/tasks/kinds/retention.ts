import type { Sql } from '../../database/connect.ts'
import { formatDuration } from '../../lib/duration.ts'
import type { AttemptContext, Kind, Outcome } from '../kind.ts'

/** At most this many rows go in one statement, so that none holds locks for long or delays a claim. */
const BATCH = 1000

/** One thing that ages: removes a batch of what is past its time and returns how many rows went. */
interface Removal {
  what: string
  batch(sql: Sql, retentionMs: number): Promise<number>
}

const REMOVALS: readonly Removal[] = [
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
  const { output } = context
  output.line('tako', `Removing what ended more than ${formatDuration(retentionMs)} ago.`)
  await removeTasks(context, retentionMs)
  for (const { what, batch } of REMOVALS) {
    output.line('output', `${what}: ${await removeInBatches(context, () => batch(context.sql, retentionMs))}`)
  }
  return { state: 'Success' }
}

/**
 * Tasks by the hundred, each batch with what hangs on it first: so a task with a long log goes in many small statements as
 * well, and no statement walks past what an earlier one has emptied.
 */
async function removeTasks(context: AttemptContext, retentionMs: number): Promise<void> {
  const removed = { tasks: 0, chunks: 0 }
  for (;;) {
    const ids = await selectExpiredTasks(context.sql, retentionMs)
    if (ids.length === 0) break
    removed.chunks += await removeInBatches(context, () => removeLogs(context.sql, ids))
    const count = await removeInBatches(context, () => removeTasksOf(context.sql, ids))
    removed.tasks += count
    if (count === 0) break
  }
  context.output.line('output', `finished tasks: ${removed.tasks}`)
  context.output.line('output', `chunks of task logs: ${removed.chunks}`)
}

/** Until a batch finds nothing more; stops between batches when asked to. */
async function removeInBatches({ signal }: AttemptContext, batch: () => Promise<number>): Promise<number> {
  let removed = 0
  for (;;) {
    signal.throwIfAborted()
    const count = await withRepeats(batch)
    removed += count
    if (count === 0) return removed
  }
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

/** The last task of a recurring job stays, however old: it tells when the job last ran. Attempts hang on their tasks, few each. */
async function selectExpiredTasks(sql: Sql, retentionMs: number): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select t.id from task t
    where t.completed_at is not null and t.completed_at < clock_timestamp() - ${retentionMs} * interval '1 ms'
      and not exists (select from recurring_job j where j.last_task = t.id)
    order by t.completed_at limit ${BATCH / 4}`
  return rows.map(({ id }) => id)
}

async function removeLogs(sql: Sql, taskIds: readonly number[]): Promise<number> {
  const { count } = await sql`
    delete from task_log where ctid = any (array(
      select ctid from task_log where task_id = any (${taskIds as number[]}::bigint[]) limit ${BATCH}))`
  return count
}

async function removeTasksOf(sql: Sql, taskIds: readonly number[]): Promise<number> {
  const { count } = await sql`
    delete from task where id = any (array(
      select id from task where id = any (${taskIds as number[]}::bigint[]) order by id for update skip locked))`
  return count
}

/** The audit trail is append-only but for this: its trigger lets a transaction that says so remove old rows. */
async function removeEvents(sql: Sql, retentionMs: number): Promise<number> {
  const [, removed] = await sql.begin((tx) => [
    tx`select set_config('tako.retention', 'on', true)`,
    tx`
      delete from event where id = any (array(
        select id from event where occurred < clock_timestamp() - ${retentionMs} * interval '1 ms' order by occurred limit ${BATCH}))`,
  ])
  return removed.count
}

async function removeSessions(sql: Sql): Promise<number> {
  const { count } = await sql`
    delete from session where id_hash = any (array(
      select id_hash from session
      where expires_at < clock_timestamp() or last_used_at + idle_ms * interval '1 ms' < clock_timestamp() limit ${BATCH}))`
  return count
}

async function removeIdempotencyKeys(sql: Sql): Promise<number> {
  const { count } = await sql`
    delete from idempotency where ctid = any (array(
      select ctid from idempotency where created_at < clock_timestamp() - interval '24 hours' limit ${BATCH} for update skip locked))`
  return count
}

async function removeThrottles(sql: Sql): Promise<number> {
  const { count } = await sql`
    delete from throttle where key = any (array(
      select key from throttle where window_end < clock_timestamp() limit ${BATCH} for update skip locked))`
  return count
}
