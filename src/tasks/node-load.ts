import type { Queryable } from '../database/connect.ts'

/** What a node did within one minute. */
export interface LoadMinute {
  /** The beginning of the minute. */
  at: Date
  /** The most attempts that ran at the same time. */
  running: number
  started: number
  /** Ended in whatever way, lost and handed back ones included. */
  finished: number
  /** Of these the ones that failed, timed out, or were lost with the node. */
  failed: number
}

/**
 * The last so many minutes of a node, oldest first, the present one included as far as it has come. Attempts that were
 * handed back unstarted count in nothing.
 *
 * Attempts are read as steps up and down, at one moment ends before starts, whose running sum is how many ran; each minute
 * begins with what the ones before it left.
 */
export async function readNodeLoad(sql: Queryable, node: string, minutes: number): Promise<LoadMinute[]> {
  const since = beginning(sql, minutes)
  return await sql<LoadMinute[]>`
    with attempts as materialized (
      select greatest(started_at, ${since}) as began_at, started_at >= ${since} as begins, completed_at as ended_at, state in ('Failed', 'TimedOut') as failed
      from task where completed_at is not null and completed_at >= ${since} and node = ${node} and started_at is not null
      union all
      select greatest(started_at, ${since}), started_at >= ${since}, null, false
      from task where state in ('Executing', 'Cancelling') and node = ${node}
      union all
      select greatest(started_at, ${since}), started_at >= ${since}, ended_at, outcome = 'Lost'
      from task_attempt where node = ${node} and ended_at >= ${since} and started_at is not null and outcome <> 'NotStarted'
    ), steps as (
      select began_at as at, 1 as step, begins::int as started, 0 as finished, 0 as failed from attempts
      union all
      select ended_at, -1, 0, 1, failed::int from attempts where ended_at is not null
    ), levels as (
      select *, sum(step) over (order by at, step rows unbounded preceding) as level from steps
    ), by_minute as (
      select date_trunc('minute', at) as minute, max(level) as highest, sum(step) as change,
        sum(started) as started, sum(finished) as finished, sum(failed) as failed
      from levels group by 1
    )
    select minute as at, started, finished, failed,
      greatest(highest, sum(change) over (order by minute rows between unbounded preceding and 1 preceding), 0)::int as running
    from (
      select minute, highest, coalesce(change, 0) as change, coalesce(started, 0)::int as started, coalesce(finished, 0)::int as finished,
        coalesce(failed, 0)::int as failed
      from generate_series(${since}, date_trunc('minute', statement_timestamp()), interval '1 min') as minute left join by_minute using (minute)
    ) filled
    order by minute`
}

/**
 * The beginning of the first minute. By `statement_timestamp()`, whose value the planner knows: of a clock that moves it
 * expects a third of all tasks, and reads the whole table. Nothing is decided by it.
 */
function beginning(sql: Queryable, minutes: number) {
  return sql`(date_trunc('minute', statement_timestamp()) - make_interval(mins => ${minutes - 1}::int))`
}
