import type { Queryable } from '../database/connect.ts'
import { HINT_CHANNEL, hintText } from '../database/hints.ts'
import { cleanText } from '../lib/text.ts'
import type { Actor } from './actor.ts'

/** What kind of change an event tells of; the wire format's `Category`. */
export type EventCategory =
  | 'Created'
  | 'Modified'
  | 'Deleted'
  | 'NodeRegistered'
  | 'NodeStopped'
  | 'NodeLost'
  | 'NodeReturned'
  | 'NodeDrainStarted'
  | 'NodeDrained'
  | 'NodeDrainEnded'
  | 'LeaderElected'
  | 'LeaderReleased'
  | 'QueuePaused'
  | 'QueueResumed'
  | 'TaskCanceled'
  | 'TaskAbandoned'
  | 'TaskExpired'
  | 'TaskSettled'
  | 'TaskLateWriteRefused'
  | 'TaskRerun'
  | 'TaskPrioritized'
  | 'LoginSucceeded'
  | 'LoginFailed'
  | 'LoggedOut'

export interface AuditEvent {
  category: EventCategory
  /** A sentence that stands alone in a list. */
  message: string
  actor: Actor
  /** Ids of what it is about: `OctopusServerNodes-node-a`, `ServerTasks-7`, `Users-1`. */
  related: readonly string[]
  before?: Record<string, unknown>
  after?: Record<string, unknown>
}

/** Appends to the audit trail, in the transaction of the change it tells of, and hints `event`. Never given a secret. */
export async function recordEvent(sql: Queryable, event: AuditEvent): Promise<void> {
  const { actor } = event
  await sql`
    with written as (
      insert into event (category, message, user_id, username, established_with, address, user_agent, node, related, before, after)
      values (${event.category}, ${cleanText(event.message)}, ${actor.userId ?? null}, ${actor.username}, ${actor.establishedWith}, ${actor.address ?? null},
              ${actor.userAgent?.slice(0, 200) ?? null}, ${actor.node ?? null}, ${sql.array([...event.related], 1009)},
              ${event.before ? sql.json(event.before as never) : null}, ${event.after ? sql.json(event.after as never) : null})
      returning 1)
    select pg_notify(${HINT_CHANNEL}, ${hintText('event')}) from written`
}
