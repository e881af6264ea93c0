import type { Sql, Transaction } from '../database/connect.ts'
import type { Actor } from '../identity/actor.ts'
import { type EventCategory, recordEvent } from '../identity/audit.ts'
import { Refusal } from '../lib/errors.ts'
import { only } from '../lib/must.ts'
import { type DrainWish, drainOptions, NO_OPTIONS } from './drain-wish.ts'
import { nodeId } from './incarnation.ts'
import { type LeadRow, lockLead, releaseLead } from './leadership.ts'
import { type LockedNode, lockNode, settingsOf } from './node-changes.ts'
import type { Timings } from './timings.ts'
import { inTransaction, sendHints } from './transaction.ts'

type Lease = Pick<Timings, 'leaseDurationMs'>

/** A change of several settings of a node at once: all of it, or none. */
export interface NodeEdit {
  taskCap?: number
  drain?: boolean
  confirmLastNode?: boolean
}

/**
 * Drains a node, or changes the options of the drain that is on. Once this has resolved the node claims nothing and does
 * not lead. 409 with `details.Confirmation` when no other node is online and undrained, unless that is confirmed.
 */
export async function drainNode(
  sql: Sql,
  idOrName: string,
  wish: DrainWish,
  actor: Actor,
  timings: Lease,
): Promise<void> {
  await changeNode(sql, idOrName, (tx, node, lead) =>
    drainIn(tx, lead, node, { ...wish, retire: false }, actor, timings),
  )
}

/** Ends a node's drain, whatever it was for. Without one nothing is changed. */
export async function undrainNode(sql: Sql, idOrName: string, actor: Actor): Promise<void> {
  await changeNode(sql, idOrName, (tx, node) => undrainIn(tx, node, actor))
}

/** Sets how many attempts a node runs at once, 0 to 1000. It starts none while it runs that many; nothing is stopped. */
export async function setTaskCap(sql: Sql, idOrName: string, taskCap: number, actor: Actor): Promise<void> {
  checkTaskCap(taskCap)
  await changeNode(sql, idOrName, (tx, node) => setTaskCapIn(tx, node, taskCap, actor))
}

/** Task cap and drain in one transaction. */
export async function editNode(
  sql: Sql,
  idOrName: string,
  edit: NodeEdit,
  actor: Actor,
  timings: Lease,
): Promise<void> {
  const { taskCap, drain, confirmLastNode = false } = edit
  if (taskCap !== undefined) checkTaskCap(taskCap)
  await changeNode(sql, idOrName, async (tx, node, lead) => {
    if (drain === true && !node.drain) await drainIn(tx, lead, node, { confirmLastNode, retire: false }, actor, timings)
    if (drain === false) await undrainIn(tx, node, actor)
    if (taskCap !== undefined) await setTaskCapIn(tx, await lockNode(tx, node.name), taskCap, actor)
  })
}

/** Drains a node for good: when nothing runs on it any more its process stops, and its row goes (`sweepCluster`). */
export async function retireNode(
  sql: Sql,
  idOrName: string,
  wish: DrainWish,
  actor: Actor,
  timings: Lease,
): Promise<void> {
  await changeNode(sql, idOrName, (tx, node, lead) =>
    drainIn(tx, lead, node, { ...wish, retire: true }, actor, timings),
  )
}

/** The lead's lock comes first, since a drain gives the lead up and two drains must not each take the other for the last. */
async function changeNode(
  sql: Sql,
  idOrName: string,
  change: (tx: Transaction, node: LockedNode, lead: LeadRow) => Promise<void>,
): Promise<void> {
  await inTransaction(sql, async (tx) => {
    const lead = await lockLead(tx)
    await change(tx, await lockNode(tx, idOrName), lead)
  })
}

async function drainIn(
  tx: Transaction,
  lead: LeadRow,
  node: LockedNode,
  wish: DrainWish & { retire: boolean },
  actor: Actor,
  timings: Lease,
): Promise<void> {
  const options = drainOptions(wish, node.drain ? optionsOf(node) : NO_OPTIONS, node.read_at)
  if (!node.drain && !wish.confirmLastNode && !(await hasOtherOnline(tx, node.name, timings))) throw lastNode(node.name)
  await tx`
    update node
    set drain = true, drain_number = drain_number + ${node.drain ? 0 : 1}, drain_reason = ${options.reason}, drain_deadline = ${options.deadline},
        drain_cancel = ${options.cancelAtDeadline}, undrain_at = ${options.undrainAt}, retire = ${wish.retire || node.retire},
        drain_at = case when drain then drain_at else clock_timestamp() end, drain_by = case when drain then drain_by else ${actor.username} end,
        drained_event = drained_event and drain, modified_at = clock_timestamp(), modified_by = ${actor.username}
    where name = ${node.name}`
  const reason = options.reason === null ? '' : `: ${options.reason}`
  const message = node.drain
    ? `The drain of node ${node.name} was changed${reason}.`
    : `Node ${node.name} is being drained${reason}.`
  await recordChange(tx, node, node.drain ? 'Modified' : 'NodeDrainStarted', message, actor)
  await releaseLead(tx, lead, node.name, 'drained', actor)
}

/** Ends the drain, in the caller's transaction, which holds the row. */
export async function undrainIn(tx: Transaction, node: LockedNode, actor: Actor): Promise<void> {
  if (!node.drain) return
  await tx`
    update node
    set drain = false, drain_reason = null, drain_by = null, drain_at = null, drain_deadline = null, drain_cancel = false,
        undrain_at = null, retire = false, drained_event = false, modified_at = clock_timestamp(), modified_by = ${actor.username}
    where name = ${node.name}`
  await recordChange(tx, node, 'NodeDrainEnded', `The drain of node ${node.name} has ended.`, actor)
}

async function setTaskCapIn(tx: Transaction, node: LockedNode, taskCap: number, actor: Actor): Promise<void> {
  if (taskCap === node.task_cap) return
  await tx`
    update node set task_cap = ${taskCap}, modified_at = clock_timestamp(), modified_by = ${actor.username} where name = ${node.name}`
  await recordChange(
    tx,
    node,
    'Modified',
    `The task cap of node ${node.name} was changed from ${node.task_cap} to ${taskCap}.`,
    actor,
  )
}

async function recordChange(
  tx: Transaction,
  before: LockedNode,
  category: EventCategory,
  message: string,
  actor: Actor,
): Promise<void> {
  const after = settingsOf(await lockNode(tx, before.name))
  await recordEvent(tx, { category, message, actor, related: [nodeId(before.name)], before: settingsOf(before), after })
  await sendHints(tx, ['node', 'queue', 'leadership'])
}

function optionsOf(node: LockedNode) {
  const { drain_reason: reason, drain_deadline: deadline, drain_cancel: cancelAtDeadline, undrain_at: undrainAt } = node
  return { reason, deadline, cancelAtDeadline, undrainAt }
}

/** In a statement after the locks: it sees a drain that was waited for. */
async function hasOtherOnline(tx: Transaction, name: string, { leaseDurationMs }: Lease): Promise<boolean> {
  const rows = await tx<{ found: boolean }[]>`
    select exists (
      select 1 from node n join node_beat b on b.incarnation = n.incarnation
      where n.name <> ${name} and n.deleted_at is null and not n.drain and not b.lost and not b.goodbye
        and b.last_seen >= clock_timestamp() - ${leaseDurationMs} * interval '1 ms') as found`
  return only(rows).found
}

function lastNode(name: string): Refusal {
  return new Refusal(
    'Conflict',
    `No other node than ${name} is online and undrained. Once it is drained no task starts anywhere, and load balancers find no node whose ping answers 200. Confirm that you want this (ConfirmLastNode).`,
    { details: { Confirmation: 'ConfirmLastNode' } },
  )
}

function checkTaskCap(taskCap: number): void {
  if (Number.isInteger(taskCap) && taskCap >= 0 && taskCap <= 1000) return
  throw new Refusal(
    'BadRequest',
    `A task cap is a whole number from 0 to 1000, not ${taskCap}. With 0 a node runs no tasks.`,
  )
}
