import { nodeId } from '../cluster/incarnation.ts'
import type { Sql } from '../database/connect.ts'
import { HINT_CHANNEL, hintText } from '../database/hints.ts'

const BATCH = 500

/** A drain whose deadline has passed and which is to cancel what then still runs. */
export interface OverdueDrain {
  node: string
  /** The drain's number: a deadline belongs to one drain and does nothing in a later one. */
  number: number
}

/**
 * Cancels what still runs on a node in drain at the drain's deadline, at most 500 in one statement; returns which. Nothing
 * is done when the drain has been ended or changed meanwhile: its row is held FOR SHARE. One event each.
 */
export async function cancelAtDrainDeadline(sql: Sql, by: string, drain: OverdueDrain): Promise<{ id: number }[]> {
  return await sql<{ id: number }[]>`
    with over as materialized (
      select name, 'Cancelled at the deadline of the drain of ' || name || '.' as cause
      from node
      where name = ${drain.node} and drain and drain_number = ${drain.number} and drain_cancel and drain_deadline <= clock_timestamp()
      for share
    ), running as materialized (
      select t.id, t.attempt, t.node, o.cause from over o join task t on t.node = o.name
      where t.state = 'Executing'
      order by t.id limit ${BATCH}
      for no key update of t skip locked
    ), cancelled as (
      update task t set state = 'Cancelling', cause = r.cause, cancel_at = clock_timestamp(), cancel_by = 'system', updated_at = clock_timestamp()
      from running r where t.id = r.id
      returning t.id
    ), told as (
      insert into event (category, message, username, established_with, node, related, before, after)
      select 'TaskCanceled', 'ServerTasks-' || id || ' was cancelled at the deadline of the drain of ' || node || '.', 'system', 'system', ${by},
        array['ServerTasks-' || id, ${nodeId('')}::text || node], jsonb_build_object('State', 'Executing'), jsonb_build_object('State', 'Cancelling')
      from running
    ), hinted as (
      select pg_notify(${HINT_CHANNEL}, hint) from (
        select ${hintText('task')}::text as hint from cancelled union select ${hintText('event')} from cancelled
        union select ${hintText('cancel')} from cancelled) hints
    )
    select id from cancelled where (select count(*) from hinted) >= 0`
}
