import { nodeId } from '../../cluster/incarnation.ts'
import type { AttemptRow } from '../../tasks/queries.ts'
import { wireDateOrNull } from '../dates.ts'

/** One attempt of a task, as an entry of `Attempts`. */
export function attemptView(row: AttemptRow) {
  return {
    Attempt: row.attempt,
    NodeId: row.node === null ? null : nodeId(row.node),
    NodeName: row.node,
    StartTime: wireDateOrNull(row.startedAt),
    EndTime: wireDateOrNull(row.endedAt),
    Outcome: row.outcome,
    Cause: row.cause,
  }
}
