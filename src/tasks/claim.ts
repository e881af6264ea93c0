import type { WhenLost } from '../cluster/timings.ts'
import type { Sql } from '../database/connect.ts'
import { must } from '../lib/must.ts'
import { type EndRow, endsUpdate, type WrittenEnds } from './end-statements.ts'

/**
 * Settings of the session that claims (`connect` options.settings). The queue's index gives rows in the order in which
 * they are taken, whatever the statistics say, which after a burst know nothing of it: without this the planner reads
 * and sorts the whole queue, or the whole table, for each claim.
 */
export const CLAIM_SESSION_SETTINGS = {
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  enable_sort: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
  plan_cache_mode: 'force_generic_plan',
}

export interface ClaimRequest {
  node: string
  incarnation: string
  /** The number that the node's row must hold; see claim-session.ts. */
  session: number
  /** Every attempt the node holds, those included whose end is not confirmed yet, but for those that end by this claim. */
  running: number
  /** The names of the kinds this node knows. */
  kinds: readonly string[]
  /** Silence after which another node no longer counts as able to claim. */
  leaseDurationMs: number
  /** False after a claim that filled every free slot: the queue is deep then, and nobody goes short. */
  shareOut: boolean
  /** Where to begin in the queue: what stands before it is not looked at. Undefined for its beginning. */
  from?: QueuePlace | undefined
  /** Attempts of this incarnation that end in the same transaction, before the claim counts its free slots. */
  ends?: readonly EndRow[]
}

/** A task's place in the order of the queue as the database writes it: top, rank, queue time, id. */
export type QueuePlace = readonly string[]

/** An attempt as its claim made it. */
export interface ClaimedTask {
  id: number
  attempt: number
  kind: string
  arguments: unknown
  timeLimitMs: number | null
  whenLost: WhenLost
  taskLeaseMs: number
  tag: string | null
}

export interface Claim {
  tasks: ClaimedTask[]
  /** The node's cap; undefined when the node may not claim: paused, drained, lost, or another incarnation or session. */
  cap: number | undefined
  /** How many it might have taken: the free slots, or this node's share of what there is. */
  limit: number
  /** The place of the first task that was taken. */
  first: QueuePlace | undefined
  /** True when tasks with a tag are queued, which `claimTagged` takes. */
  taggedQueued: boolean
  /** Of the request's ends, those that ended by this. */
  ended: WrittenEnds
  /** The server process that answered; another one than before tells that the session was replaced. */
  backend: number
}

/** The statement's own arithmetic is that of `fairShare` (fairness.ts). Tasks that have waited so long are taken by any free slot, so that sharing out never leaves one beside a node that cannot start it. */
export const PATIENCE_MS = 250

/** The first row of the answer; the others are tasks. */
interface ClaimHeader {
  id: null
  taskCap: number | null
  limit: number
  first: QueuePlace | null
  taggedQueued: boolean
  backend: number
  ended: number[] | null
  freesTag: boolean | null
}

/**
 * Takes up to as many queued tasks as the node has free slots, in the queue's order, in one statement that holds under
 * lock everything that forbids a start: the pause, then the node's own row, so that whoever changed either of them and
 * was answered is heard, and a change that comes later waits until this is committed.
 *
 * A claim may begin where the one before it did: the index still holds what was taken since it was last vacuumed, and to
 * walk past some hundred thousand of those takes longer than all the rest.
 * The picked rows reach the update as an array: written as a join the planner may run the pick once for each row of the
 * outer side, and SKIP LOCKED then takes more than the limit. The limit is never null, which would mean none.
 * The look for tagged tasks asks for their index's order, which no other index has: on statistics of an empty queue the
 * planner otherwise walks the whole queue by another one.
 * In a deep queue the ends of the attempts whose slots are to be filled are written along: what ends and what begins are
 * one commit then, and no other node ever sees more than the cap.
 * Rejects as the database does; after any error the session's number must be raised before the next claim.
 */
export async function claimTasks(sql: Sql, request: ClaimRequest): Promise<Claim> {
  const { node, incarnation, session, running, kinds, shareOut, ends = [], from } = request
  const rows = await sql<(ClaimHeader | ClaimedTask)[]>`
    with open as materialized (
      select resumed_at from cluster where not paused for share
    ), me as materialized (
      select task_cap from node
      where exists (select from open) and name = ${node} and incarnation = ${incarnation} and claim_session = ${session}
        and not lost and not drain and deleted_at is null
      for share
    ), room as materialized (
      select greatest(coalesce((select task_cap from me), 0) - ${running}::int, 0) as free
    ), share as materialized (
      select ${shareOut ? ownShare(sql, request) : sql`free`} as mine from room
    )${ends.length > 0 ? sql`, ended as (${endsUpdate(sql, incarnation, ends)})` : sql``}, picked as materialized (
      select id, top, rank, queue_time from task
      where state = 'Queued' and due and tag is null and kind = any (${kinds as string[]}::text[]) and expires_at > clock_timestamp()
        ${from ? sql`and (top, rank, queue_time, id) >= (${placeOf(from, 0)}::bigint, ${placeOf(from, 1)}::int, ${placeOf(from, 2)}::timestamptz, ${placeOf(from, 3)}::bigint)` : sql``}
      order by top, rank, queue_time, id
      limit (select greatest(coalesce(mine, 0), 0) from share)
      for no key update skip locked
    ), claimed as (
      update task set state = 'Executing', attempt = attempt + 1, node = ${node}, incarnation = ${incarnation}::uuid,
        started_at = clock_timestamp(), updated_at = clock_timestamp()
      where id = any (array(select id from picked))
      returning id, attempt, kind, arguments, time_limit_ms, when_lost, task_lease_ms, tag
    )
    select (select task_cap from me) as "taskCap", coalesce((select mine from share), 0)::int as limit,
      (select array[top::text, rank::text, queue_time::text, id::text] from picked limit 1) as first,
      coalesce((
        select true from task where state = 'Queued' and due and tag is not null
        order by tag, top, rank, queue_time, id limit 1), false) as "taggedQueued", pg_backend_pid() as backend,
      ${ends.length > 0 ? sql`(select array_agg(id) from ended) as ended, (select bool_or(tagged) from ended) as "freesTag"` : sql`null::bigint[] as ended, null::boolean as "freesTag"`},
      null::bigint as id, null::int as attempt, null as kind, null::jsonb as arguments, null::bigint as "timeLimitMs",
      null::when_lost as "whenLost", null::int as "taskLeaseMs", null as tag
    union all select null, null, null, null, null, null, null, id, attempt, kind, arguments, time_limit_ms, when_lost, task_lease_ms, tag
    from claimed`
  const header = must(rows.find(isHeader), 'a claim answers with a header')
  const ended = { ids: header.ended ?? [], freesTag: header.freesTag ?? false }
  const { taskCap, limit, first, taggedQueued, backend } = header
  const cap = taskCap ?? undefined
  return { tasks: rows.filter(isTask), cap, limit, first: first ?? undefined, taggedQueued, ended, backend }
}

function placeOf(place: QueuePlace, column: number): string {
  return must(place[column], 'a place in the queue has four parts')
}

function isHeader(row: ClaimHeader | ClaimedTask): row is ClaimHeader {
  return row.id === null
}

function isTask(row: ClaimHeader | ClaimedTask): row is ClaimedTask {
  return row.id !== null
}

/**
 * The free slots, or this node's share where that is less; a part of the claim's statement that a deep queue goes without,
 * as another text, since every node of a plan costs something even when it is not run. Stands where `room` is read.
 */
function ownShare(sql: Sql, { node, running, kinds, leaseDurationMs }: ClaimRequest) {
  return sql`
      case when free = 0 then 0 else (
        select least(room.free, greatest(
            (me.task_cap * (cluster.running + queue.length) + cluster.cap - 1) / cluster.cap - ${running}::int,
            queue.impatient))
        from me, lateral (
          select greatest(sum(task_cap), 1)::bigint as cap, sum(held)::bigint as running, sum(greatest(task_cap - held, 0))::bigint as free
          from (
            select n.task_cap, case when n.name = ${node} then ${running}::int else (
                select count(*) from task t where t.incarnation = n.incarnation and t.state in ('Executing', 'Cancelling')) end as held
            from node n join node_beat b on b.incarnation = n.incarnation
            where n.name = ${node}
              or (b.can_claim and not n.drain and not n.lost and not b.lost and not b.goodbye
                  and b.last_seen > clock_timestamp() - ${leaseDurationMs}::int * interval '1 ms')
          ) able
        ) cluster, lateral (
          select count(*) as length,
            count(*) filter (where eligible_since < clock_timestamp() - ${PATIENCE_MS}::int * interval '1 ms') as impatient
          from (
            select greatest(t.queued_since, (select resumed_at from open)) as eligible_since from task t
            where t.state = 'Queued' and t.due and t.tag is null and t.kind = any (${kinds as string[]}::text[]) and t.expires_at > clock_timestamp()
            order by t.top, t.rank, t.queue_time, t.id limit cluster.free
          ) ahead
        ) queue
      ) end`
}
