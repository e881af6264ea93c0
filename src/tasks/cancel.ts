import { inTransaction } from '../cluster/transaction.ts'
import type { Sql } from '../database/connect.ts'
import type { Actor } from '../identity/actor.ts'
import { recordEvent } from '../identity/audit.ts'
import type { TaskState } from './kind.ts'
import { hintTask, lockTask } from './task-change.ts'
import { taskId } from './task-row.ts'

/**
 * Asks for a task's end. One that waits ends at once; one that runs is Cancelling until its node has stopped it, or until
 * it is settled because its node is gone. A task that has ended, or is being cancelled, is left as it is. Returns the state
 * in which it was found. 404 for none.
 */
export async function cancelTask(sql: Sql, id: number, actor: Actor): Promise<TaskState> {
  return await inTransaction(sql, async (tx) => {
    const { state } = await lockTask(tx, id)
    if (state !== 'Queued' && state !== 'Executing') return state
    const next = state === 'Queued' ? 'Canceled' : 'Cancelling'
    await tx`
      update task set state = ${next}, cancel_at = clock_timestamp(), cancel_by = ${actor.username}, updated_at = clock_timestamp(),
        completed_at = case when state = 'Queued' then clock_timestamp() end,
        end_id = case when state = 'Queued' then gen_random_uuid() end,
        cause = case when state = 'Queued' then ${`Cancelled by ${actor.username} before it started.`} else cause end
      where id = ${id}`
    await recordEvent(tx, {
      category: 'TaskCanceled',
      message: `The task ${taskId(id)} was cancelled by ${actor.username}${state === 'Queued' ? ' before it started' : ''}.`,
      actor,
      related: [taskId(id)],
      before: { State: state },
      after: { State: next },
    })
    await hintTask(tx, id, state === 'Queued' ? ['task'] : ['task', 'cancel'])
    return state
  })
}
