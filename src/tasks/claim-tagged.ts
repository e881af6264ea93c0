import { inTransaction } from '../cluster/transaction.ts'
import type { Sql, Transaction } from '../database/connect.ts'
import type { ClaimedTask, ClaimRequest } from './claim.ts'

export interface TaggedClaimRequest extends Omit<ClaimRequest, 'shareOut' | 'leaseDurationMs'> {
  /** True when this node leads: only then does it take tasks that run on the leader. */
  leads: boolean
}

/** Keeps the locks of tags apart from all other advisory locks. */
const TAG_LOCKS = 7_405_902

/**
 * Takes the first task with a tag that may start on this node, if it is among the next tasks of the whole queue that fit
 * into the free slots: so those with and without a tag keep one order. One transaction: the pause and the node's row are
 * held as in `claimTasks`; then the tag is locked, and only a later statement, whose snapshot sees what an earlier holder
 * of the lock has committed, looks whether the tag is in use and takes the task. The lock is tried and never waited for.
 * The unique index over unfinished attempts stands behind it. Rejects as the database does, as `claimTasks`.
 */
export async function claimTagged(sql: Sql, request: TaggedClaimRequest): Promise<ClaimedTask | undefined> {
  try {
    return await inTransaction(sql, async (tx) => {
      const candidate = (await lockCandidate(tx, request))[0]
      return candidate && (await takeCandidate(tx, request, candidate))[0]
    })
  } catch (error) {
    // Somebody else's attempt has the tag all the same: this task waits on
    if (error instanceof Error && 'code' in error && error.code === '23505') return undefined
    throw error
  }
}

interface Candidate {
  id: number
  tag: string
}

/** The head of each tag's line is found by walking from tag to tag, past whatever waits behind it. */
async function lockCandidate(tx: Transaction, request: TaggedClaimRequest): Promise<Candidate[]> {
  const { node, incarnation, session, running, kinds, leads } = request
  return await tx<Candidate[]>`
    with recursive open as materialized (
      select from cluster where not paused for share
    ), me as materialized (
      select task_cap from node
      where exists (select from open) and name = ${node} and incarnation = ${incarnation} and claim_session = ${session}
        and not lost and not drain and deleted_at is null
      for share
    ), room as materialized (
      select greatest(coalesce((select task_cap from me), 0) - ${running}::int, 0) as free
    ), heads as (
      (select tag, top, rank, queue_time, id, kind, leader_only, expires_at from task
       where state = 'Queued' and due and tag is not null and (select free from room) > 0
       order by tag, top, rank, queue_time, id limit 1)
      union all
      select next.* from heads h, lateral (
        select tag, top, rank, queue_time, id, kind, leader_only, expires_at from task
        where state = 'Queued' and due and tag is not null and tag > h.tag
        order by tag, top, rank, queue_time, id limit 1) next
    ), ready as (
      select h.tag, h.top, h.rank, h.queue_time, h.id from heads h
      where h.kind = any (${kinds as string[]}::text[]) and h.expires_at > clock_timestamp()
        and (not h.leader_only or (${leads}::boolean and exists (select from leadership where incarnation = ${incarnation}::uuid)))
        and not exists (select from task t where t.tag = h.tag and t.state in ('Executing', 'Cancelling'))
      order by h.top, h.rank, h.queue_time, h.id
      offset 0
    )
    select r.id, r.tag from ready r, room
    where (select count(*) from (
        select from task t
        where t.state = 'Queued' and t.due and t.tag is null and t.kind = any (${kinds as string[]}::text[])
          and t.expires_at > clock_timestamp() and (t.top, t.rank, t.queue_time, t.id) < (r.top, r.rank, r.queue_time, r.id)
        limit room.free) ahead) < room.free
      and pg_try_advisory_xact_lock(${TAG_LOCKS}::int, hashtext(r.tag))
    limit 1`
}

async function takeCandidate(tx: Transaction, request: TaggedClaimRequest, { id, tag }: Candidate) {
  return await tx<ClaimedTask[]>`
    update task set state = 'Executing', attempt = attempt + 1, node = ${request.node}, incarnation = ${request.incarnation},
      started_at = clock_timestamp(), updated_at = clock_timestamp()
    where id = ${id} and state = 'Queued' and due and expires_at > clock_timestamp()
      and not exists (select from task other where other.tag = ${tag} and other.state in ('Executing', 'Cancelling'))
    returning id, attempt, kind, arguments, time_limit_ms as "timeLimitMs", when_lost as "whenLost",
      task_lease_ms as "taskLeaseMs", tag`
}
