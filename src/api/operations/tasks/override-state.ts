import { inTransaction } from '../../../cluster/transaction.ts'
import type { Sql } from '../../../database/connect.ts'
import type { Actor } from '../../../identity/actor.ts'
import { recordEvent } from '../../../identity/audit.ts'
import { Refusal } from '../../../lib/errors.ts'
import type { FinalState } from '../../../tasks/kind.ts'
import { isFinal } from '../../../tasks/queries.ts'
import { hintTask, lockTask } from '../../../tasks/task-change.ts'
import { taskId } from '../../../tasks/task-row.ts'

/**
 * A person's word on how a task that has ended is to be taken, over what its attempt reported. The attempt stays ended, with
 * its times and exit code. 404 for none, 409 for a task that has not ended.
 */
export async function overrideState(
  sql: Sql,
  id: number,
  state: FinalState,
  reason: string,
  actor: Actor,
): Promise<void> {
  await inTransaction(sql, async (tx) => {
    const task = await lockTask(tx, id)
    if (!isFinal(task.state)) {
      throw new Refusal(
        'Conflict',
        `${taskId(id)} is ${task.state}: only a task that has ended can be set to ${state}. Cancel it first.`,
      )
    }
    if (task.state === state) return
    const before = task.cause === null ? '' : ` Before: ${task.cause}`
    const cause = `Set from ${task.state} to ${state} by ${actor.username}: ${reason.replace(/\.$/, '')}.${before}`
    await tx`
      update task set state = ${state}, cause = ${cause.slice(0, 2000)}, end_id = gen_random_uuid(), updated_at = clock_timestamp()
      where id = ${id}`
    await recordEvent(tx, {
      category: 'Modified',
      message: `The task ${taskId(id)} was set from ${task.state} to ${state} by ${actor.username}: ${reason}`,
      actor,
      related: [taskId(id)],
      before: { State: task.state },
      after: { State: state, Reason: reason },
    })
    await hintTask(tx, id, ['task'])
  })
}
