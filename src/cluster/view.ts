import type { Queryable } from '../database/connect.ts'
import { only } from '../lib/must.ts'
import type { Fitness } from './fitness.ts'
import type { NodeStatus } from './node-state.ts'
import type { Timings } from './timings.ts'
import { toClusterView, type ViewRow } from './view-rows.ts'

/** A drain that is on. */
export interface DrainView {
  /** Counts the drains of this node: a timer belongs to one drain. */
  number: number
  reason: string | undefined
  by: string | undefined
  since: Date | undefined
  deadline: Date | undefined
  cancelAtDeadline: boolean
  undrainAt: Date | undefined
  /** Once drained, the process stops and the row is deleted. */
  retire: boolean
}

/** The beats of one incarnation. */
export interface BeatView {
  incarnation: string
  node: string
  /** Counts the beats: what an observer watches. */
  beat: number
  lastSeen: Date
  presenceKey: string
  goodbye: boolean
  lost: boolean
  lostAt: Date | undefined
  lostProven: boolean
  lostCause: string | undefined
  /** Attempts of this incarnation that have not ended. */
  running: number
  /** The shortest task lease among them. */
  shortestTaskLeaseMs: number | undefined
}

/** A node as the database has it, deleted ones left out. */
export interface NodeView {
  id: string
  name: string
  /** Undefined when the row was never registered by a process. */
  incarnation: string | undefined
  status: NodeStatus
  isLeader: boolean
  isOffline: boolean
  /** No beat for the lease. */
  isSilent: boolean
  /** Its last sign of life, when it is offline. */
  offlineSince: Date | undefined
  offlineCause: string | undefined
  url: string | undefined
  /** The address of its ping, directly. */
  pingUrl: string | undefined
  version: string | undefined
  machine: string | undefined
  pid: number | undefined
  registeredAt: Date
  startedAt: Date | undefined
  lastSeen: Date | undefined
  taskCap: number
  /** Online, not in drain, and by its own word able to take tasks. */
  canClaim: boolean
  /** Its attempts that have not ended, those of earlier incarnations included. */
  running: number
  drain: DrainView | undefined
  /** Counts the drains so far, also while none is on. */
  drainNumber: number
  /** What it last said of itself; undefined while it is starting. */
  fitness: Fitness | undefined
  modifiedAt: Date
  modifiedBy: string | undefined
  /** Its present incarnation's beats. */
  beats: BeatView | undefined
}

/** The row of the lead, and what it means at the time of reading. */
export interface LeadershipView {
  term: number
  /** Who leads: undefined without a holder, or when the holder is offline or in drain. */
  leader: string | undefined
  since: Date | undefined
  /** The holder as the row has it, void or not. */
  holder: { node: string; incarnation: string } | undefined
  abstaining: string | undefined
  abstainingUntil: Date | undefined
  /** Why the seat was last given up. */
  releasedBecause: string | undefined
}

/** The cluster at one moment, from one statement. */
export interface ClusterView {
  /** Names the database session that was read on. */
  session: string
  /** The database's clock at the reading. */
  readAt: Date
  installationId: string
  pause: { reason: string | undefined; by: string | undefined; since: Date | undefined } | undefined
  leadership: LeadershipView
  /** By name. */
  nodes: readonly NodeView[]
  /** Incarnations that are nobody's present one and still matter: not marked yet, or with attempts that have not ended. */
  formerBeats: readonly BeatView[]
  running: number
  /** Caps of the nodes that can claim. */
  totalTaskCap: number
  /** Tasks that wait, counted up to `QUEUE_COUNT_LIMIT`; `readQueueSize` counts all. */
  queuedAtLeast: number
  /** The oldest queue time among the tasks at the head of the queue. */
  oldestQueuedAt: Date | undefined
}

/** Up to here a cluster view counts waiting tasks, so that reading it each second costs the same on a long queue. */
export const QUEUE_COUNT_LIMIT = 1000

/**
 * An observer's word on whether an incarnation is silent; undefined when it cannot tell, in which case the database's clock
 * is compared with the last beat.
 */
export type SilenceJudge = (incarnation: string) => boolean | undefined

/** Reads the whole cluster in one statement. */
export async function readClusterView(
  sql: Queryable,
  timings: Timings,
  judge: SilenceJudge = () => undefined,
): Promise<ClusterView> {
  return toClusterView(await readViewRow(sql), timings, judge)
}

/**
 * The view before its facts are put together. JSON for the lists, so that one row carries all; what most nodes do not have
 * (a drain, a mark) apart, since each column of each node costs. The head of the queue is read through the queue's own indexes, with a
 * literal limit: with a parameter the planner expects a tenth of the queue and reads all of it. Tagged tasks have no order
 * of their own across tags, so any of them are counted.
 */
export async function readViewRow(sql: Queryable): Promise<ViewRow> {
  const rows = await sql<ViewRow[]>`
    with running as materialized (
      select node, incarnation, count(*) as running, min(task_lease_ms) as lease
      from task where state in ('Executing', 'Cancelling') group by node, incarnation),
    head as materialized (
      select * from (select queue_time from task where state = 'Queued' and due and tag is null order by top, rank, queue_time, id limit 1000) plain
      union all
      select * from (select queue_time from task where state = 'Queued' and due and tag is not null limit 1000) tagged)
    select pg_backend_pid() || '@' || pg_postmaster_start_time() as session, clock_timestamp() as read_at,
      c.installation_id, c.paused, c.pause_reason, c.paused_by, c.paused_at,
      l.term, l.node as holder_node, l.incarnation as holder_incarnation, l.since, l.abstaining, l.abstaining_until, l.released_because,
      (select coalesce(json_agg(n order by n.name), '[]') from (
        select name, incarnation, url, version, machine, pid, registered_at, started_at, task_cap, drain_number, modified_at, modified_by,
               case when drain then json_build_object('reason', drain_reason, 'by', drain_by, 'at', drain_at, 'deadline', drain_deadline,
                                                      'cancel', drain_cancel, 'undrain_at', undrain_at, 'retire', retire) end as drain
        from node where deleted_at is null) n) as nodes,
      (select coalesce(json_agg(b), '[]') from (
        select b.incarnation, b.node, b.beat, b.last_seen, b.presence_key::text, b.can_claim, b.fitness, b.goodbye,
               case when b.lost then json_build_object('at', b.lost_at, 'proven', b.lost_proven, 'cause', b.lost_cause) end as lost
        from node_beat b
        where not (b.lost or b.goodbye)
           or b.incarnation in (select n.incarnation from node n where n.incarnation is not null)
           or b.incarnation in (select r.incarnation from running r where r.incarnation is not null)) b) as beats,
      (select coalesce(json_agg(r), '[]') from running r) as running,
      (select least(count(*), ${QUEUE_COUNT_LIMIT}) from head) as queued, (select min(queue_time) from head) as oldest_queued_at
    from cluster c, leadership l`
  return only(rows)
}

/** The size of the queue, counted exactly: for whoever asks now and then, not for every second. */
export async function readQueueSize(sql: Queryable): Promise<{ queued: number; oldestQueuedAt: Date | undefined }> {
  const row = only(
    await sql<{ queued: number; oldest: Date | null }[]>`
      select count(*) as queued, min(queue_time) as oldest from task where state = 'Queued' and due`,
  )
  return { queued: row.queued, oldestQueuedAt: row.oldest ?? undefined }
}
