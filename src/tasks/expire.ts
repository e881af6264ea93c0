import type { Sql } from '../database/connect.ts'
import { HINT_CHANNEL, hintText } from '../database/hints.ts'
import { formatDuration } from '../lib/duration.ts'
import { cleanText } from '../lib/text.ts'
import { type TaskRow, taskColumns } from './task-row.ts'

const BATCH = 500

/** A task that has waited for its whole window. */
export type ExpiredTask = TaskRow & { expiryMs: number }

/** Tasks whose window has passed, at most 500. */
export async function readExpired(sql: Sql): Promise<ExpiredTask[]> {
  return await sql<ExpiredTask[]>`
    select ${taskColumns(sql, sql`'{}'::jsonb`)}, t.expiry_ms as "expiryMs" from task t
    where t.state = 'Queued' and t.expires_at <= clock_timestamp() order by t.expires_at limit ${BATCH}`
}

/** Why a task timed out: the window, and what it waited for in the end, if that is known. */
export function expiryCause({ expiryMs, attempt }: ExpiredTask, why: string | undefined): string {
  const since = attempt > 0 ? ' since it went back there' : ''
  const waited = `It expired in the queue: it did not start within its window of ${formatDuration(expiryMs)}${since}.`
  return why === undefined ? waited : `${waited} Why it waited: ${why}`
}

/** Ends those that still wait and whose window has still passed, with one event each; returns which. In order of id. */
export async function writeExpired(
  sql: Sql,
  node: string,
  expired: readonly { id: number; cause: string }[],
): Promise<{ id: number }[]> {
  const rows = expired.toSorted((a, b) => a.id - b.id)
  return await sql<{ id: number }[]>`
    with over as materialized (
      select t.id, t.attempt, e.cause
      from unnest(${rows.map(({ id }) => id)}::bigint[], ${rows.map(({ cause }) => cleanText(cause))}::text[]) as e (id, cause)
        join task t on t.id = e.id
      where t.state = 'Queued' and t.expires_at <= clock_timestamp()
      order by t.id for no key update of t skip locked
    ), ended as (
      update task t set state = 'TimedOut', cause = o.cause, end_id = gen_random_uuid(), completed_at = clock_timestamp(), updated_at = clock_timestamp()
      from over o where t.id = o.id
      returning t.id
    ), told as (
      insert into event (category, message, username, established_with, node, related, before, after)
      select 'TaskExpired', 'ServerTasks-' || id || ' timed out: ' || cause, 'system', 'system', ${node}, array['ServerTasks-' || id],
        jsonb_build_object('State', 'Queued'), jsonb_build_object('State', 'TimedOut')
      from over
    ), hinted as (
      select pg_notify(${HINT_CHANNEL}, hint) from (
        select ${hintText('task')}::text as hint from ended union select ${hintText('event')} from ended) hints
    )
    select id from ended where (select count(*) from hinted) >= 0`
}
