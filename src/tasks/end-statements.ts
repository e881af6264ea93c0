import type { Queryable, Sql } from '../database/connect.ts'
import { cleanText } from '../lib/text.ts'
import type { ReturnOutcome } from './attempt-end.ts'
import type { FinalState, TaskState } from './kind.ts'

const BOOLEAN_ARRAY = 1000

/** The end of one attempt of this node's incarnation. */
export interface EndRow {
  id: number
  attempt: number
  state: FinalState
  stopped: boolean
  cause: string | undefined
  exitCode: number | undefined
  hasWarnings: boolean
  /** Made by the writer, kept over repetitions. */
  endId: string
}

/** What a write of ends has ended. */
export interface WrittenEnds {
  ids: number[]
  /** True when one of them held a tag. */
  freesTag: boolean
}

/** Ends attempts by `endsUpdate`; resolves with those that ended by this. */
export async function writeEnds(sql: Sql, incarnation: string, ends: readonly EndRow[]): Promise<WrittenEnds> {
  const rows = await endsUpdate(sql, incarnation, ends)
  return { ids: rows.map(({ id }) => id), freesTag: rows.some(({ tagged }) => tagged) }
}

/**
 * The statement that ends attempts, each only if it is this incarnation's and has not ended; returns id and tagged of those
 * that ended by this. What follows from the state is decided here and not by what was read before: who was asked to stop,
 * and did, ends Canceled when a cancel has been answered. In order of id, as every batch, so that two batches do not wait
 * for each other in a circle.
 */
export function endsUpdate(sql: Sql, incarnation: string, ends: readonly EndRow[]) {
  const rows = ends.toSorted((a, b) => a.id - b.id)
  return sql<{ id: number; tagged: boolean }[]>`
    update task t set
      state = case when t.state = 'Cancelling' and e.stopped then 'Canceled' else e.state end,
      cause = case when t.state = 'Cancelling' and e.stopped then coalesce(t.cause, e.cause) else e.cause end,
      exit_code = e.exit_code, has_warnings = e.has_warnings, end_id = e.end_id,
      completed_at = clock_timestamp(), updated_at = clock_timestamp()
    from unnest(${rows.map(({ id }) => id)}::bigint[], ${rows.map(({ attempt }) => attempt)}::int[],
        ${rows.map(({ state }) => state)}::text[]::task_state[], ${sql.array(
          rows.map(({ stopped }) => stopped),
          BOOLEAN_ARRAY,
        )}::boolean[],
        ${rows.map(({ cause }) => (cause === undefined ? null : cleanText(cause)))}::text[],
        ${rows.map(({ exitCode }) => exitCode ?? null)}::int[], ${sql.array(
          rows.map(({ hasWarnings }) => hasWarnings),
          BOOLEAN_ARRAY,
        )}::boolean[], ${rows.map(({ endId }) => endId)}::uuid[])
      as e (id, attempt, state, stopped, cause, exit_code, has_warnings, end_id)
    where t.id = e.id and t.attempt = e.attempt and t.incarnation = ${incarnation} and t.state in ('Executing', 'Cancelling')
    returning t.id, t.tag is not null as tagged`
}

/** What an end that found nothing to end is compared with. */
export interface EndedRow {
  id: number
  attempt: number
  state: TaskState
  node: string | null
  cause: string | null
  endId: string | null
}

/** Reads in a snapshot of its own, which sees an earlier try of the same write. */
export async function readEnded(sql: Sql, ids: readonly number[]): Promise<EndedRow[]> {
  return await sql<EndedRow[]>`
    select id, attempt, state, node, cause, end_id as "endId" from task where id = any (${ids as number[]}::bigint[])`
}

/** An attempt that goes back to the queue. */
export interface ReturnRow {
  id: number
  attempt: number
  outcome: ReturnOutcome
  cause: string
}

/**
 * Puts attempts of this incarnation back into the queue, where they keep their place; their number stays used. A task that
 * is being cancelled ends Canceled instead. Returns those that were this incarnation's and had not ended.
 */
export async function writeReturns(
  sql: Queryable,
  incarnation: string,
  returns: readonly ReturnRow[],
): Promise<{ id: number }[]> {
  return await sql<{ id: number }[]>`
    with before as materialized (
      select t.id, t.attempt, t.node, t.incarnation, t.started_at, t.state, r.outcome, r.cause
      from unnest(${returns.map(({ id }) => id)}::bigint[], ${returns.map(({ attempt }) => attempt)}::int[],
          ${returns.map(({ outcome }) => outcome)}::text[], ${returns.map(({ cause }) => cleanText(cause))}::text[]) as r (id, attempt, outcome, cause)
        join task t on t.id = r.id and t.attempt = r.attempt
      where t.incarnation = ${incarnation} and t.state in ('Executing', 'Cancelling')
      order by t.id
      for no key update of t
    ), noted as (
      insert into task_attempt (task_id, attempt, node, incarnation, started_at, outcome, cause)
      select id, attempt, node, incarnation, started_at, outcome, cause from before where state = 'Executing'
    )
    update task t set
      state = case when b.state = 'Cancelling' then 'Canceled' else 'Queued' end::task_state,
      node = case when b.state = 'Cancelling' then t.node end,
      incarnation = case when b.state = 'Cancelling' then t.incarnation end,
      started_at = case when b.state = 'Cancelling' then t.started_at end,
      cause = case when b.state = 'Cancelling' then coalesce(t.cause, b.cause) end,
      end_id = case when b.state = 'Cancelling' then gen_random_uuid() end,
      completed_at = case when b.state = 'Cancelling' then clock_timestamp() end,
      queued_since = clock_timestamp(), updated_at = clock_timestamp(),
      expires_at = clock_timestamp() + t.expiry_ms * interval '1 ms'
    from before b where t.id = b.id
    returning t.id`
}
