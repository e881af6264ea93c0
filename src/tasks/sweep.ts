import type { Timings } from '../cluster/timings.ts'
import type { ClusterView } from '../cluster/view.ts'
import type { Sql } from '../database/connect.ts'
import { HINT_CHANNEL, hintText } from '../database/hints.ts'
import type { Clock } from '../lib/clock.ts'
import { only } from '../lib/must.ts'
import type { Absence } from './absence.ts'
import { cancelAtDrainDeadline, type OverdueDrain } from './drain-deadline.ts'
import { expiryCause, readExpired, writeExpired } from './expire.ts'
import type { KindRegistry } from './kind.ts'
import { GOODBYE_TIME_MS, GUARD_TIME_MS, type Stillness, settleLost } from './settle.ts'
import { obstacleOf } from './waiting.ts'
import { readWaitingFacts } from './waiting-facts.ts'

export interface SweepDeps {
  /** The node that sweeps. */
  node: string
  timings: Timings
  clock: Clock
  /** The session for the look, where it shares a round trip with others' looks; by default that of the acts. */
  looks?: Sql
  /** What the observer of beats has counted. */
  silence: () => readonly Stillness[]
  /** This process's count of incarnations without a row of beats, kept from sweep to sweep. */
  absence: Absence
  /** The cluster as this node last saw it, to say why a task that expires has waited. */
  view?: () => ClusterView | undefined
  registry?: KindRegistry
}

/** At most so many batches of one thing in one sweep, so that a flood of one does not delay the others. */
const BATCHES = 20

/**
 * What every live node does for all tasks, drained or not, each second and when a node was marked: tasks whose time has
 * come join the queue, those that waited too long time out, drains whose deadline has passed cancel what still runs, and
 * lost attempts are settled. One look in one round trip, which most of the time finds nothing; what it finds is done by
 * statements that check it again. Returns in how many milliseconds the next thing is due, if that is known.
 */
export async function sweepTasks(sql: Sql, deps: SweepDeps): Promise<{ nextDueMs?: number }> {
  const askedMs = deps.clock.monotonicMs()
  const found = await look(deps.looks ?? sql)
  const missing = found.runners.filter((runner) => runner.missing).map(({ incarnation }) => incarnation)
  const absent = deps.absence.note(missing, askedMs)
  if (isPast(found.dueInMs)) await repeat(() => makeDue(sql))
  if (isPast(found.expiryInMs)) await repeat(() => expire(sql, deps))
  for (const drain of found.drains) await repeat(() => cancelAtDrainDeadline(sql, deps.node, drain))
  if (found.runners.some((runner) => runner.missing || isPast(runner.settleInMs))) {
    const counts = new Map([
      ...deps.silence().map(({ incarnation, stillMs }) => [incarnation, stillMs] as const),
      ...absent,
    ])
    const still = [...counts].map(([incarnation, stillMs]) => ({ incarnation, stillMs }))
    await repeat(() => settleLost(sql, { node: deps.node, leaseDurationMs: deps.timings.leaseDurationMs, still }))
  }
  return nextDue([found.dueInMs, found.expiryInMs, ...found.runners.map(({ settleInMs }) => settleInMs)])
}

function isPast(inMs: number | null): boolean {
  return inMs !== null && inMs <= 0
}

function nextDue(times: readonly (number | null)[]): { nextDueMs?: number } {
  const coming = times.filter((time): time is number => time !== null && time > 0)
  return coming.length === 0 ? {} : { nextDueMs: Math.ceil(Math.min(...coming)) }
}

const FULL_BATCH = 500

async function repeat(act: () => Promise<readonly unknown[]>): Promise<void> {
  for (let left = BATCHES; left > 0; left -= 1) if ((await act()).length < FULL_BATCH) return
}

async function expire(sql: Sql, { node, view, registry }: SweepDeps): Promise<readonly unknown[]> {
  const expired = await readExpired(sql)
  if (expired.length === 0) return []
  const seen = view?.()
  const why = seen && registry ? await readWaitingFacts(sql, seen, registry, expired) : undefined
  const causes = expired.map((task) => ({ id: task.id, cause: expiryCause(task, why && obstacleOf(task, why(task))) }))
  await writeExpired(sql, node, causes)
  return expired
}

/** Lets tasks whose queue time has come into the queue, at most 500 in one statement. */
async function makeDue(sql: Sql): Promise<{ id: number }[]> {
  return await sql<{ id: number }[]>`
    with come as (
      update task set due = true, updated_at = clock_timestamp()
      where id = any (array(
        select id from task where state = 'Queued' and not due and queue_time <= clock_timestamp()
        order by queue_time limit ${FULL_BATCH} for no key update skip locked))
      returning id
    ), hinted as (
      select pg_notify(${HINT_CHANNEL}, hint) from (
        select ${hintText('queue')}::text as hint from come union select ${hintText('task')} from come) hints
    )
    select id from come where (select count(*) from hinted) >= 0`
}

interface Findings {
  /** Milliseconds, by the database's clock, until the next queue time comes; zero or less: it has. Null: there is none. */
  dueInMs: number | null
  expiryInMs: number | null
  drains: OverdueDrain[]
  /** Incarnations that have attempts and are not live: without a row of beats, stopped, or marked. */
  runners: { incarnation: string; missing: boolean; settleInMs: number | null }[]
}

/** The incarnations that run something are found by walking the index from one to the next. */
async function look(sql: Sql): Promise<Findings> {
  return only(
    await sql<Findings[]>`
      with recursive runner as (
        (select incarnation from task where state in ('Executing', 'Cancelling') order by incarnation limit 1)
        union all
        select next.incarnation from runner r, lateral (
          select incarnation from task where state in ('Executing', 'Cancelling') and incarnation > r.incarnation
          order by incarnation limit 1) next
      ), gone as (
        select r.incarnation, b.incarnation is null as missing, case
          when b.goodbye then ${millisecondsUntil(sql, sql`b.last_seen + ${GOODBYE_TIME_MS}::int * interval '1 ms'`)}
          when b.lost_proven then ${millisecondsUntil(sql, sql`b.lost_at + ${GUARD_TIME_MS}::int * interval '1 ms'`)}
          when b.lost then 0 end as "settleInMs"
        from runner r left join node_beat b on b.incarnation = r.incarnation
        where b.incarnation is null or b.goodbye or b.lost
      )
      select ${millisecondsUntil(sql, sql`(select min(queue_time) from task where state = 'Queued' and not due)`)} as "dueInMs",
        ${millisecondsUntil(sql, sql`(select min(expires_at) from task where state = 'Queued')`)} as "expiryInMs",
        (select coalesce(json_agg(json_build_object('node', n.name, 'number', n.drain_number)), '[]') from node n
         where n.drain and n.drain_cancel and n.drain_deadline <= clock_timestamp()
           and exists (select from task t where t.incarnation = n.incarnation and t.state = 'Executing')) as drains,
        (select coalesce(json_agg(gone), '[]') from gone) as runners`,
  )
}

function millisecondsUntil(sql: Sql, time: ReturnType<Sql>) {
  return sql`(extract(epoch from ${time} - clock_timestamp()) * 1000)::float8`
}
