import type { Sql, Transaction } from '../database/connect.ts'
import type { Actor } from '../identity/actor.ts'
import { recordEvent } from '../identity/audit.ts'
import { Refusal } from '../lib/errors.ts'
import { only } from '../lib/must.ts'
import { nodeId, nodeNameOf } from './incarnation.ts'
import { lockLead, releaseLead } from './leadership.ts'
import { type LockedNode, lockNode, settingsOf } from './node-changes.ts'
import type { Timings } from './timings.ts'
import { inTransaction, sendHints } from './transaction.ts'

export interface DeleteWish {
  /** Leave no tombstone: a later start under this name begins with the cap and drain it is started with. */
  forget?: boolean
}

/**
 * Deletes an offline node. It leaves a tombstone, so that a later start under its name keeps its cap and its drain; its
 * tasks and their history stay. 409 while the node is online, and while attempts of it are not settled.
 */
export async function deleteNode(
  sql: Sql,
  idOrName: string,
  { forget = false }: DeleteWish,
  actor: Actor,
  timings: Pick<Timings, 'leaseDurationMs'>,
): Promise<void> {
  await inTransaction(sql, async (tx) => {
    const lead = await lockLead(tx)
    const isOnline = await lockBeats(tx, idOrName, timings)
    const node = await lockNode(tx, idOrName)
    if (isOnline) throw stillOnline(node.name)
    const running = await countRunning(tx, node.name)
    if (running > 0) throw stillRunning(node.name, running)
    await releaseLead(tx, lead, node.name, 'deleted', actor)
    await removeNode(tx, node, forget, actor)
  })
}

/**
 * Removes a node that is over, in a transaction that holds its rows. Its incarnation is marked, so that a process that was
 * only silent notices, and comes back as another.
 */
export async function removeNode(tx: Transaction, node: LockedNode, forget: boolean, actor: Actor): Promise<void> {
  await tx`
    update node_beat set lost = true, lost_at = clock_timestamp(), lost_cause = 'The node was deleted.', lost_by = ${actor.node ?? null}
    where incarnation = ${node.incarnation} and not lost and not goodbye`
  await (forget ? tx`delete from node where name = ${node.name}` : leaveTombstone(tx, node, actor))
  const memory = forget ? 'is forgotten' : 'is kept for a later start under this name'
  await recordEvent(tx, {
    category: 'Deleted',
    message: `Node ${node.name} was deleted; its task cap and drain setting ${memory}.`,
    actor,
    related: [nodeId(node.name)],
    before: settingsOf(node),
  })
  await sendHints(tx, ['node', 'leadership'])
}

async function leaveTombstone(tx: Transaction, { name }: LockedNode, actor: Actor): Promise<void> {
  await tx`
    update node
    set deleted_at = clock_timestamp(), incarnation = null, lost = false, retire = false, url = null, pid = null, process_start = null,
        modified_at = clock_timestamp(), modified_by = ${actor.username}
    where name = ${name}`
}

/** Holds the beats of the node's incarnation, so that what is found stays true; whether they say that it is online. */
async function lockBeats(
  tx: Transaction,
  idOrName: string,
  timings: Pick<Timings, 'leaseDurationMs'>,
): Promise<boolean> {
  const rows = await tx<{ online: boolean }[]>`
    select not b.lost and not b.goodbye and b.last_seen >= clock_timestamp() - ${timings.leaseDurationMs} * interval '1 ms' as online
    from node n join node_beat b on b.incarnation = n.incarnation
    where n.name = ${nodeNameOf(idOrName)} for update of b`
  return rows[0]?.online ?? false
}

/** Attempts of all the node's incarnations that have not ended. */
export async function countRunning(tx: Transaction, name: string): Promise<number> {
  const rows = await tx<{ running: number }[]>`
    select count(*) as running from task where node = ${name} and state in ('Executing', 'Cancelling')`
  return only(rows).running
}

function stillOnline(name: string): Refusal {
  return new Refusal(
    'Conflict',
    `Node ${name} is online. Drain it and stop its process first; only an offline node can be deleted.`,
  )
}

function stillRunning(name: string, running: number): Refusal {
  return new Refusal(
    'Conflict',
    `${running} ${running === 1 ? 'task' : 'tasks'} of node ${name} ${running === 1 ? 'is' : 'are'} not settled yet. Wait until its silence has been judged, or declare the node dead if you know that it is off.`,
  )
}
