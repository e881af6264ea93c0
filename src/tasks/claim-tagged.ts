import type { Sql } from '../database/connect.ts'
import type { ClaimedTask, ClaimRequest } from './claim.ts'

export interface TaggedClaimRequest extends Omit<ClaimRequest, 'shareOut' | 'leaseDurationMs'> {
  /** True when this node leads: only then does it take tasks that run on the leader. */
  leads: boolean
}

/**
 * Takes the first task with a tag that may start on this node, if it is among the next tasks of the whole queue that fit
 * into the free slots: so those with and without a tag keep one order. At most one, in one statement that holds pause and
 * node as `claimTasks` does. Two nodes that look at once mostly want the same task, the head of the tag's line, whose row
 * is locked. Where they do not, since one has not seen yet what the other did, the unique index over the tags of
 * unfinished attempts lets only the first commit, and the second takes nothing. Rejects as the database does otherwise.
 */
export async function claimTagged(sql: Sql, request: TaggedClaimRequest): Promise<ClaimedTask | undefined> {
  try {
    return (await takeFirst(sql, request))[0]
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION) return undefined
    throw error
  }
}

const UNIQUE_VIOLATION = '23505'

/** The head of each tag's line is found by walking from tag to tag, past whatever waits behind it. */
async function takeFirst(sql: Sql, request: TaggedClaimRequest): Promise<ClaimedTask[]> {
  const { node, incarnation, session, running, kinds, leads } = request
  return await sql<ClaimedTask[]>`
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
      select h.top, h.rank, h.queue_time, h.id from heads h
      where h.kind = any (${kinds as string[]}::text[]) and h.expires_at > clock_timestamp()
        and (not h.leader_only or (${leads}::boolean and exists (select from leadership where incarnation = ${incarnation}::uuid)))
        and not exists (select from task t where t.tag = h.tag and t.state in ('Executing', 'Cancelling'))
      order by h.top, h.rank, h.queue_time, h.id limit 1
    )
    update task set state = 'Executing', attempt = attempt + 1, node = ${node}, incarnation = ${incarnation}::uuid,
      started_at = clock_timestamp(), updated_at = clock_timestamp()
    where id = any (array(
      select q.id from task q
      where q.id = (
          select r.id from ready r, room
          where (select count(*) from (
            select from task t
            where t.state = 'Queued' and t.due and t.tag is null and t.kind = any (${kinds as string[]}::text[])
              and t.expires_at > clock_timestamp() and (t.top, t.rank, t.queue_time, t.id) < (r.top, r.rank, r.queue_time, r.id)
            limit room.free) ahead) < room.free)
        and q.state = 'Queued' and q.due and q.expires_at > clock_timestamp()
      for no key update skip locked))
    returning id, attempt, kind, arguments, time_limit_ms as "timeLimitMs", when_lost as "whenLost",
      task_lease_ms as "taskLeaseMs", tag`
}
