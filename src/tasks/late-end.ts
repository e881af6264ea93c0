import { nodeId } from '../cluster/incarnation.ts'
import type { Sql } from '../database/connect.ts'
import { systemActor } from '../identity/actor.ts'
import { recordEvent } from '../identity/audit.ts'
import type { EndedRow } from './end-statements.ts'
import type { FinalState } from './kind.ts'
import { appendSystemLine } from './log-writer.ts'
import { taskId } from './task-row.ts'

/** An end that came after somebody else had ended the attempt. */
export interface LateEnd {
  id: number
  attempt: number
  wanted: FinalState
  /** The node that wrote it. */
  node: string
}

/** Tells in the audit trail, and in the task's log, that an end was refused. `found`: the task as it is; undefined when it is gone. */
export async function reportLateEnd(sql: Sql, late: LateEnd, found: EndedRow | undefined): Promise<void> {
  const { id, attempt, wanted, node } = late
  const since = found === undefined ? 'the task is gone' : `${taskId(id)} is ${stateInWords(found)}`
  const message = `Attempt ${attempt} of ${taskId(id)} on ${node} ended as ${wanted} too late and was refused: ${since}.`
  await recordEvent(sql, {
    category: 'TaskLateWriteRefused',
    message,
    actor: systemActor(node),
    related: [taskId(id), nodeId(node)],
    after: {
      State: found?.state ?? null,
      Attempt: found?.attempt ?? null,
      RefusedAttempt: attempt,
      RefusedState: wanted,
    },
  })
  if (found !== undefined) await appendSystemLine(sql, id, message)
}

function stateInWords({ state, attempt, node, cause }: EndedRow): string {
  const where = node === null ? '' : ` on ${node}`
  return `${state}${attempt > 0 ? ` (attempt ${attempt}${where}${cause === null ? '' : `: ${cause.replace(/\.$/, '')}`})` : ''}`
}
