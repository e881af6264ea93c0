import { inTransaction } from '../cluster/transaction.ts'
import type { Sql } from '../database/connect.ts'
import type { Actor } from '../identity/actor.ts'
import { recordEvent } from '../identity/audit.ts'
import { Refusal } from '../lib/errors.ts'
import { hintTask, lockTask } from './task-change.ts'
import { taskId } from './task-row.ts'

/**
 * Moves a waiting task to the head of the queue, before what was moved there earlier. 404 for none, 409 for one that does
 * not wait. A task whose queue time lies in the future keeps it, and is then first.
 */
export async function prioritizeTask(sql: Sql, id: number, actor: Actor): Promise<void> {
  await inTransaction(sql, async (tx) => {
    const task = await lockTask(tx, id)
    if (task.state !== 'Queued') {
      throw new Refusal(
        'Conflict',
        `${taskId(id)} is ${task.state}: only a task that waits in the queue can be moved to its top.`,
      )
    }
    await tx`
      update task set updated_at = clock_timestamp(), top = -nextval('task_top')
      where id = ${id}`
    await recordEvent(tx, {
      category: 'TaskPrioritized',
      message: `The task ${taskId(id)} was moved to the top of the queue by ${actor.username}.`,
      actor,
      related: [taskId(id)],
      before: { MovedToTop: task.isMovedToTop },
      after: { MovedToTop: true },
    })
    await hintTask(tx, id, ['task', 'queue'])
  })
}
