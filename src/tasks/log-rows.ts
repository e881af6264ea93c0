import type { Sql } from '../database/connect.ts'
import { HINT_CHANNEL, hintText } from '../database/hints.ts'
import { only } from '../lib/must.ts'
import type { AttemptIdentity } from './script/attempt-mark.ts'

/** A chunk on its way into the table. */
export interface NewChunk {
  readonly lineCount: number
  readonly byteCount: number
  readonly content: string
}

/** `taken`: an entry with that number exists already. `refused`: the attempt is not, or no longer, the task's running one. */
export type InsertOutcome = 'written' | 'taken' | 'refused'

/**
 * Adds a chunk for an attempt that still runs. The task's row is held FOR SHARE, so that an end which is being written at
 * the same time comes either before (and the chunk is refused) or after it, and nothing is added to an ended attempt.
 */
export async function insertChunk(
  sql: Sql,
  { taskId, attempt, incarnation }: AttemptIdentity,
  firstLine: number,
  chunk: NewChunk,
  withHint: boolean,
): Promise<InsertOutcome> {
  const rows = await sql<{ owned: number; written: number }[]>`
    with owner as materialized (
      select id from task
      where id = ${taskId} and attempt = ${attempt} and incarnation = ${incarnation} and state in ('Executing', 'Cancelling')
      for share),
    written as (
      insert into task_log (task_id, first_line, line_count, attempt, byte_count, content)
      select id, ${firstLine}, ${chunk.lineCount}, ${attempt}, ${chunk.byteCount}, ${chunk.content} from owner
      on conflict (task_id, first_line) do nothing
      returning 1)
    select (select count(*)::int from owner) as owned, (select count(*)::int from written) as written,
           (select pg_notify(${HINT_CHANNEL}, ${hintText('log', String(taskId))}) from written where ${withHint})`
  const { owned, written } = only(rows)
  if (written > 0) return 'written'
  return owned > 0 ? 'taken' : 'refused'
}

/** Whether exactly this chunk is already there: an earlier try went through although its answer was lost. */
export async function hasChunk(
  sql: Sql,
  { taskId, attempt }: AttemptIdentity,
  firstLine: number,
  { byteCount, content }: NewChunk,
): Promise<boolean> {
  const rows = await sql`
    select 1 from task_log
    where task_id = ${taskId} and first_line = ${firstLine} and attempt = ${attempt} and byte_count = ${byteCount} and content = ${content}`
  return rows.length > 0
}

/** The number the next entry of a task's log gets, which is how many there are. */
export async function readLogEnd(sql: Sql, taskId: number): Promise<number> {
  const rows = await sql<{ next: number }[]>`
    select first_line + line_count as next from task_log where task_id = ${taskId} order by first_line desc limit 1`
  return rows[0]?.next ?? 0
}

/** How much a task's log holds: bytes as stored (before compression) and entries. Reads no content. */
export async function readLogSize(sql: Sql, taskId: number): Promise<{ bytes: number; lines: number }> {
  const rows = await sql<{ bytes: number; lines: number }[]>`
    select coalesce(sum(byte_count), 0)::bigint as bytes, coalesce(max(first_line + line_count), 0) as lines
    from task_log where task_id = ${taskId}`
  return only(rows)
}

/**
 * Adds a chunk behind the last, whatever the task's state, and hints at it; `missing` when there is no such task (any
 * more), `taken` when somebody else's chunk got the number first.
 */
export async function insertBehindLast(
  sql: Sql,
  taskId: number,
  { lineCount, byteCount, content }: NewChunk,
): Promise<'written' | 'taken' | 'missing'> {
  const rows = await sql<{ found: number; written: number }[]>`
    with target as materialized (select id, attempt from task where id = ${taskId} for key share),
    written as (
      insert into task_log (task_id, first_line, line_count, attempt, byte_count, content)
      select id,
             coalesce((select first_line + line_count from task_log where task_id = ${taskId} order by first_line desc limit 1), 0),
             ${lineCount}, attempt, ${byteCount}, ${content}
      from target
      on conflict (task_id, first_line) do nothing
      returning 1)
    select (select count(*)::int from target) as found, (select count(*)::int from written) as written,
           (select pg_notify(${HINT_CHANNEL}, ${hintText('log', String(taskId))}) from written)`
  const { found, written } = only(rows)
  if (written > 0) return 'written'
  return found > 0 ? 'taken' : 'missing'
}

/** Tells all nodes that a task's log has grown. */
export async function notifyLog(sql: Sql, taskId: number): Promise<void> {
  await sql`select pg_notify(${HINT_CHANNEL}, ${hintText('log', String(taskId))})`
}
