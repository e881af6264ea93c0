import type { Timings } from '../cluster/timings.ts'
import { inTransaction } from '../cluster/transaction.ts'
import type { Sql, Transaction } from '../database/connect.ts'
import type { Actor } from '../identity/actor.ts'
import { recordEvent } from '../identity/audit.ts'
import { Refusal } from '../lib/errors.ts'
import { enqueueOnce, type TaskWish } from './enqueue.ts'
import type { KindRegistry } from './kind.ts'
import { isFinal } from './queries.ts'
import { lockTask } from './task-change.ts'
import { type TaskRow, taskId } from './task-row.ts'

/** True for a task that has ended and whose kind may be asked for by a person. */
export function canRerun(task: Pick<TaskRow, 'state' | 'kind'>, registry: KindRegistry): boolean {
  return isFinal(task.state) && registry.find(task.kind)?.createPermission !== undefined
}

/**
 * Queues a new task like one that has ended, and returns its id. What was lost with its node is re-run once only: asking
 * again returns the first re-run. 404 for none, 409 for one that has not ended or cannot be re-run.
 */
export async function rerunTask(
  sql: Sql,
  id: number,
  parts: { registry: KindRegistry; timings: Timings },
  actor: Actor,
  idempotency?: TaskWish['idempotency'],
): Promise<number> {
  return (await rerunOnce(sql, id, parts, actor, idempotency)).id
}

/** The same, and whether the re-run had been made before. */
export async function rerunOnce(
  sql: Sql,
  id: number,
  parts: { registry: KindRegistry; timings: Timings },
  actor: Actor,
  idempotency?: TaskWish['idempotency'],
): Promise<{ id: number; isRepeat: boolean }> {
  return await inTransaction(sql, async (tx) => {
    const task = await lockTask(tx, id)
    if (!isFinal(task.state)) {
      throw new Refusal('Conflict', `${taskId(id)} is ${task.state}: only a task that has ended can be run again.`)
    }
    if (!canRerun(task, parts.registry)) {
      throw new Refusal(
        'Conflict',
        `${taskId(id)} is of the kind ${task.kind}, which only the system starts: it cannot be run again.`,
      )
    }
    const before = task.lost ? await findRerun(tx, task) : undefined
    if (before !== undefined) return { id: before, isRepeat: true }
    const { id: rerun, isRepeat } = await enqueueOnce(tx, parts.registry, parts.timings, {
      kind: task.kind,
      arguments: task.arguments,
      description: task.description,
      space: task.space,
      priority: task.priority,
      ...(task.timeLimitMs === null ? {} : { timeLimitMs: task.timeLimitMs }),
      createdBy: actor.username,
      rerunOf: id,
      ...(task.lost ? { rerunAttempt: task.attempt } : {}),
      ...(idempotency ? { idempotency } : {}),
    })
    if (isRepeat) return { id: rerun, isRepeat }
    await recordEvent(tx, {
      category: 'TaskRerun',
      message: `The task ${taskId(id)} was run again as ${taskId(rerun)} by ${actor.username}.`,
      actor,
      related: [taskId(id), taskId(rerun)],
    })
    return { id: rerun, isRepeat }
  })
}

async function findRerun(tx: Transaction, task: TaskRow): Promise<number | undefined> {
  const rows = await tx<{ id: number }[]>`
    select id from task where rerun_of = ${task.id} and rerun_attempt = ${task.attempt}`
  return rows[0]?.id
}
