import type { Transaction } from '../database/connect.ts'
import { systemActor } from '../identity/actor.ts'
import { recordEvent } from '../identity/audit.ts'
import { nodeId } from './incarnation.ts'
import type { RegisteredRow, RegistrationFacts } from './node-rows.ts'
import type { Predecessor, PredecessorEnd } from './predecessor.ts'
import type { NodeWish } from './register.ts'

/** Why a node registers, in words. */
export function causeOf(wish: NodeWish, predecessor: Predecessor | undefined, end: PredecessorEnd): string {
  if (wish.former)
    return predecessor?.incarnation ? 'return after its former start was given up' : 'return after its row was removed'
  if (!predecessor) return 'first start'
  if (predecessor.deleted_at) return 'start after it was deleted'
  if (end.how === 'goodbye') return 'start after an orderly stop'
  if (end.how === 'silence') return `start after ${Math.floor(end.stillMs / 1000)} s of silence`
  return end.how === 'none' ? 'start' : 'start after its death'
}

/** A process that comes back by itself is told apart from one that was started. */
export async function recordRegistration(
  tx: Transaction,
  {
    wish,
    incarnation,
    place,
    cause,
    row,
    predecessor,
  }: RegistrationFacts & { cause: string; row: RegisteredRow; predecessor: Predecessor | undefined },
): Promise<void> {
  await recordEvent(tx, {
    category: wish.former ? 'NodeReturned' : 'NodeRegistered',
    message: `Node ${wish.name} joined the cluster: ${cause}.`,
    actor: systemActor(wish.name),
    related: [nodeId(wish.name)],
    before: { Incarnation: predecessor?.incarnation ?? null },
    after: {
      Incarnation: incarnation,
      Cause: cause,
      Url: wish.url,
      Version: wish.version,
      Machine: place.machine,
      ProcessId: place.pid,
      MaxConcurrentTasks: row.task_cap,
      IsInMaintenanceMode: row.drain,
      DrainReason: row.drain_reason,
    },
  })
}
