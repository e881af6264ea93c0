import { inTransaction } from '../cluster/transaction.ts'
import type { Sql } from '../database/connect.ts'
import type { Actor } from '../identity/actor.ts'
import { recordEvent } from '../identity/audit.ts'
import { formatDuration } from '../lib/duration.ts'
import { Refusal } from '../lib/errors.ts'
import { only } from '../lib/must.ts'
import { hintTask, lockTask } from './task-change.ts'
import { taskId } from './task-row.ts'

/**
 * Ends a task that has been Cancelling for the abandon time although its node should have stopped it. Its attempt ends
 * here for Tako: its tag is free, and whatever it still reports is refused. The process itself may go on. 404 for none,
 * 409 when it is not Cancelling or not for long enough.
 */
export async function abandonTask(sql: Sql, id: number, abandonAfterMs: number, actor: Actor): Promise<void> {
  await inTransaction(sql, async (tx) => {
    const task = await lockTask(tx, id)
    if (task.state !== 'Cancelling') {
      throw new Refusal(
        'Conflict',
        `${taskId(id)} is ${task.state}: only a task that is Cancelling can be abandoned. Cancel it first.`,
      )
    }
    const { left } = only(
      await tx<{ left: number }[]>`
        select (extract(epoch from ${task.cancelAt}::timestamptz - clock_timestamp()) * 1000)::bigint + ${abandonAfterMs}::bigint as left`,
    )
    if (left > 0) {
      throw new Refusal(
        'Conflict',
        `${taskId(id)} may be abandoned when it has been Cancelling for ${formatDuration(abandonAfterMs)}, which is in ${formatDuration(left)}.`,
      )
    }
    await tx`
      update task set state = 'Canceled', completed_at = clock_timestamp(), updated_at = clock_timestamp(), end_id = gen_random_uuid(),
        cause = ${`Abandoned by ${actor.username}: its node ${task.node ?? ''} did not confirm that it had stopped. Its process may go on.`}
      where id = ${id}`
    await recordEvent(tx, {
      category: 'TaskAbandoned',
      message: `The task ${taskId(id)} was abandoned by ${actor.username}; its process on ${task.node ?? 'its node'} may go on.`,
      actor,
      related: [taskId(id)],
      before: { State: task.state, Attempt: task.attempt },
      after: { State: 'Canceled', Attempt: task.attempt },
    })
    await hintTask(tx, id, ['task', 'cancel', 'queue'])
  })
}
