import { nodeId } from '../cluster/incarnation.ts'
import type { Timings } from '../cluster/timings.ts'
import type { Sql } from '../database/connect.ts'
import { HINT_CHANNEL, hintText } from '../database/hints.ts'
import type { TaskState } from './kind.ts'

/** Between a proven death and settling: time for the guards to end what the dead process ran. */
export const GUARD_TIME_MS = 200
/** Between a goodbye and settling what was left all the same: time for the process to end. */
export const GOODBYE_TIME_MS = 2000
/** A task that was lost with its node so often is not tried again. */
export const LOST_LIMIT = 3
const BATCH = 500

/** For how long, by the count of this process, nothing was heard of an incarnation: never longer than is true. */
export interface Stillness {
  incarnation: string
  stillMs: number
}

export interface SettleRequest {
  /** The node that settles. */
  node: string
  leaseDurationMs: Timings['leaseDurationMs']
  /** Beats that stand still, and incarnations that have no row of beats. */
  still: readonly Stillness[]
}

/** A task that was brought to an end, or back into the queue, because its node is gone. */
export interface SettledTask {
  id: number
  state: TaskState
}

/**
 * Settles attempts whose incarnation is not a live one, at most 500 in one statement; to be repeated while it returns so
 * many. Only what bears the mark, said goodbye or has no row of beats is settled, which no beat can take back, so the beats
 * need no lock. After a proven death it waits for the guards; after silence for the attempt's own lease, by the database's
 * clock and by this process's count; without a row of beats by the count alone, a `fail` attempt for the lease only, since
 * nobody else will start it. Other settlers' rows are skipped. What becomes of a task is decided by its state as it is now.
 * It keeps its place in the queue. One event each.
 */
export async function settleLost(sql: Sql, { node, leaseDurationMs, still }: SettleRequest): Promise<SettledTask[]> {
  return await sql<SettledTask[]>`
    with counted as (
      select * from unnest(${still.map(({ incarnation }) => incarnation)}::uuid[], ${still.map(({ stillMs }) => Math.floor(stillMs))}::bigint[])
        as c (incarnation, still_ms)
    ), gone as materialized (
      select t.id, t.attempt, t.node, t.incarnation, t.started_at, t.state, t.cancel_by,
        (case when t.state = 'Cancelling' then 'Canceled'
          when t.when_lost = 'fail' or t.times_lost + 1 >= ${LOST_LIMIT}::int then 'Failed' else 'Queued' end)::task_state as next,
        coalesce(t.node, 'Its node') || case when b.goodbye then ' was stopped before the attempt had ended'
            when b.incarnation is null then ' was lost (its registration is gone)'
            else ' was lost (' || rtrim(coalesce(b.lost_cause, 'no heartbeat'), '.') || ')' end
          || '; attempt ' || t.attempt || ' was settled by ' || ${node}::text
          || case when b.incarnation is null then '' else ' ' || to_char(greatest(0, extract(epoch from clock_timestamp() - coalesce(b.lost_at, b.last_seen))), 'FM9999999990.0') || ' s later' end
          || case when t.state = 'Cancelling' then coalesce('. It had been cancelled by ' || t.cancel_by, '')
               when t.when_lost <> 'fail' and t.times_lost + 1 >= ${LOST_LIMIT}::int
               then '. It was lost ' || (t.times_lost + 1) || ' times and is not tried again' else '' end || '.' as cause
      from task t left join node_beat b on b.incarnation = t.incarnation left join counted c on c.incarnation = t.incarnation
      where t.state in ('Executing', 'Cancelling') and case
        when b.incarnation is null then c.still_ms >= case when t.when_lost = 'fail' then ${leaseDurationMs}::int else t.task_lease_ms end
        when b.goodbye then b.last_seen < clock_timestamp() - ${GOODBYE_TIME_MS}::int * interval '1 ms'
        when not b.lost then false
        when b.lost_proven then b.lost_at < clock_timestamp() - ${GUARD_TIME_MS}::int * interval '1 ms'
        else c.still_ms >= t.task_lease_ms
          and (b.last_seen < clock_timestamp() - t.task_lease_ms * interval '1 ms' or b.last_seen > clock_timestamp()) end
      order by t.id limit ${BATCH}
      for no key update of t skip locked
    ), noted as (
      insert into task_attempt (task_id, attempt, node, incarnation, started_at, outcome, cause)
      select id, attempt, node, incarnation, started_at, 'Lost', cause from gone where next = 'Queued'
    ), settled as (
      update task t set state = g.next, times_lost = t.times_lost + 1, lost = g.next = 'Failed', updated_at = clock_timestamp(),
        node = case when g.next <> 'Queued' then t.node end,
        incarnation = case when g.next <> 'Queued' then t.incarnation end,
        started_at = case when g.next <> 'Queued' then t.started_at end,
        cause = case when g.next <> 'Queued' then g.cause end,
        completed_at = case when g.next <> 'Queued' then clock_timestamp() end,
        end_id = case when g.next <> 'Queued' then gen_random_uuid() end,
        queued_since = case when g.next = 'Queued' then clock_timestamp() else t.queued_since end,
        expires_at = case when g.next = 'Queued' then clock_timestamp() + t.expiry_ms * interval '1 ms' else t.expires_at end
      from gone g where t.id = g.id
      returning t.id, t.state
    ), told as (
      insert into event (category, message, username, established_with, node, related, before, after)
      select 'TaskSettled', 'ServerTasks-' || id || case next when 'Queued' then ' went back to the queue: ' when 'Failed' then ' failed: ' else ' was canceled: ' end || cause,
        'system', 'system', ${node}, array['ServerTasks-' || id] || case when node is null then '{}'::text[] else array[${nodeId('')}::text || node] end,
        jsonb_build_object('State', state, 'Attempt', attempt, 'NodeName', node), jsonb_build_object('State', next)
      from gone
    ), hinted as (
      select pg_notify(${HINT_CHANNEL}, hint) from (
        select ${hintText('queue')}::text as hint from settled union select ${hintText('event')} from settled
        union select case when count(*) <= 100 then ${`${hintText('task')}:`}::text || string_agg(id::text, ',') else ${hintText('task')} end from settled having count(*) > 0
      ) hints
    )
    select id, state from settled where (select count(*) from hinted) >= 0 order by id`
}
