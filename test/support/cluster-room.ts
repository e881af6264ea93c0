import type { ProcessPlace } from '../../src/cluster/machine.ts'
import { type NodeWish, type RegisterDeps, type Registration, registerNode } from '../../src/cluster/register.ts'
import { defaultTimings, type Timings } from '../../src/cluster/timings.ts'
import type { Sql } from '../../src/database/connect.ts'
import type { Actor } from '../../src/identity/actor.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLog } from '../../src/lib/log.ts'
import { only } from '../../src/lib/must.ts'
import { until } from './until.ts'

/** Short leases, in the proportions of the defaults. */
export const FAST: Timings = {
  ...defaultTimings,
  heartbeatIntervalMs: 100,
  leaseDurationMs: 600,
  taskLeaseMs: { fail: 6000, rerun: 1200, resume: 1200 },
  cancelGraceMs: 100,
}

/** Leases that no test outlives. */
export const SLOW: Timings = { ...FAST, leaseDurationMs: 60_000 }

export const operator: Actor = { userId: 7, username: 'olga', establishedWith: 'session', address: '10.0.0.9' }

/** A place of its own for each node, so that none knows anything of the other's process. */
export function placeOf(machine: string): ProcessPlace {
  return { machine, boot: `boot-of-${machine} pid:[1]`, pid: 4711, processStart: '1' }
}

/** Registers a node, as if from a machine of its own; overrides as wanted. */
export async function register(
  sql: Sql,
  name: string,
  wish: Partial<NodeWish> = {},
  deps: Partial<RegisterDeps> = {},
): Promise<Registration> {
  return registerNode(
    sql,
    { name, url: `http://127.0.0.1:1/${name}`, version: '1.2.3', taskCap: 5, drained: false, ...wish },
    { timings: FAST, clock: systemClock, log: silentLog, killLeftovers: async () => {}, place: placeOf(name), ...deps },
  )
}

/** A beat as a heart would send it, with a clean bill of health. */
export async function beat(sql: Sql, incarnation: string): Promise<number | undefined> {
  const fitness = { eventLoopLagMs: 1, databaseRoundTripMs: 1, clockDifferenceMs: 0, warnings: [] }
  const rows = await sql<{ beat: number }[]>`
    update node_beat set beat = beat + 1, last_seen = greatest(last_seen, clock_timestamp()), can_claim = true, fitness = ${sql.json(fitness)}
    where incarnation = ${incarnation} and not lost and not goodbye returning beat`
  return rows[0]?.beat
}

/** Makes the node's last beat so old. */
export async function age(sql: Sql, incarnation: string, ms: number): Promise<void> {
  await sql`update node_beat set last_seen = clock_timestamp() - ${ms} * interval '1 ms' where incarnation = ${incarnation}`
}

/** An attempt that runs on an incarnation. */
export async function insertRunning(
  sql: Sql,
  { node, incarnation }: Pick<Registration, 'node' | 'incarnation'>,
  leaseMs = 6000,
): Promise<number> {
  const rows = await sql<{ id: number }[]>`
    insert into task (kind, state, expiry_ms, expires_at, when_lost, task_lease_ms, attempt, node, incarnation, started_at)
    values ('Test', 'Executing', 1000, clock_timestamp() + interval '1 day', 'fail', ${leaseMs}, 1, ${node}, ${incarnation}, clock_timestamp())
    returning id`
  return only(rows).id
}

export async function endTasks(sql: Sql): Promise<void> {
  await sql`update task set state = 'Success', completed_at = clock_timestamp()`
}

export interface EventRow {
  category: string
  message: string
  username: string
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  related: string[]
}

/** The audit trail, of one category or all, oldest first. */
export async function events(sql: Sql, category?: string): Promise<EventRow[]> {
  return sql<EventRow[]>`
    select category, message, username, before, after, related from event
    where category = ${category ?? null} or ${category ?? null}::text is null order by id`
}

/** Registers a node that beats: live, and able to claim. */
export async function join(sql: Sql, name: string, wish: Partial<NodeWish> = {}): Promise<Registration> {
  const registration = await register(sql, name, wish)
  await beat(sql, registration.incarnation)
  return registration
}

/** The term that the row of the lead shows, and who holds it. */
export async function leadOf(sql: Sql): Promise<{ term: number; node: string | null; incarnation: string | null }> {
  return only(
    await sql<
      { term: number; node: string | null; incarnation: string | null }[]
    >`select term, node, incarnation from leadership`,
  )
}

/** Resolves when so many statements on this database wait for a lock. */
export async function untilWaiting(sql: Sql, count = 1): Promise<void> {
  await until('statements that wait for a lock', async () => {
    const rows = await sql`
      select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
    return rows.length >= count
  })
}

/** Puts the cluster's tables back to what a new database has: quicker than another database for each test. */
export async function emptyCluster(sql: Sql): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`alter table event disable trigger user`
    await tx`truncate node, node_beat, task, event cascade`
    await tx`alter table event enable trigger user`
    await tx`update cluster set paused = false, pause_reason = null, paused_by = null, paused_at = null, resumed_at = null`
    await tx`
      update leadership set term = 0, node = null, incarnation = null, since = null, abstaining = null, abstaining_until = null, released_because = null`
  })
}
