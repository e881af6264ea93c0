import type { Transaction } from '../database/connect.ts'
import { Refusal } from '../lib/errors.ts'
import { nodeNameOf } from './incarnation.ts'

/** A node's own settings, locked. */
export interface LockedNode {
  name: string
  incarnation: string | null
  task_cap: number
  drain: boolean
  drain_number: number
  drain_reason: string | null
  drain_by: string | null
  drain_at: Date | null
  drain_deadline: Date | null
  drain_cancel: boolean
  undrain_at: Date | null
  retire: boolean
  /** The database's clock. */
  read_at: Date
}

/** Locks a node's row: waits for open claims, and keeps new ones waiting. 404 for a node that is not there. */
export async function lockNode(tx: Transaction, idOrName: string): Promise<LockedNode> {
  const node = await lockNodeIfThere(tx, idOrName)
  if (!node) throw new Refusal('NotFound', `There is no node ${nodeNameOf(idOrName)}.`)
  return node
}

/** The same, undefined for a node that is not there. */
export async function lockNodeIfThere(tx: Transaction, idOrName: string): Promise<LockedNode | undefined> {
  const rows = await tx<LockedNode[]>`
    select name, incarnation, task_cap, drain, drain_number, drain_reason, drain_by, drain_at, drain_deadline, drain_cancel,
           undrain_at, retire, clock_timestamp() as read_at
    from node where name = ${nodeNameOf(idOrName)} and deleted_at is null for update`
  return rows[0]
}

/** The settings as the audit trail shows them before and after a change. */
export function settingsOf(node: LockedNode): Record<string, unknown> {
  const drain = {
    DrainReason: node.drain_reason,
    DrainDeadline: node.drain_deadline?.toISOString() ?? null,
    CancelAtDeadline: node.drain_cancel,
    UndrainAt: node.undrain_at?.toISOString() ?? null,
    Retire: node.retire,
  }
  return { MaxConcurrentTasks: node.task_cap, IsInMaintenanceMode: node.drain, ...(node.drain ? drain : {}) }
}
