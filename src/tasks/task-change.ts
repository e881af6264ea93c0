import type { Transaction } from '../database/connect.ts'
import { HINT_CHANNEL, hintText, type Topic } from '../database/hints.ts'
import { Refusal } from '../lib/errors.ts'
import { type TaskRow, taskColumns, taskId } from './task-row.ts'

/** The task's row, locked against every other writer; a Refusal (404) when there is none. */
export async function lockTask(tx: Transaction, id: number): Promise<TaskRow> {
  const rows = await tx<TaskRow[]>`select ${taskColumns(tx)} from task t where t.id = ${id} for no key update`
  const task = rows[0]
  if (!task)
    throw new Refusal('NotFound', `There is no task ${taskId(id)}. It may have been removed after its retention.`)
  return task
}

/** Hints about one task, when the transaction commits. */
export async function hintTask(tx: Transaction, id: number, topics: readonly Topic[]): Promise<void> {
  const texts = topics.map((topic) => hintText(topic, String(id)))
  await tx`select pg_notify(${HINT_CHANNEL}, hint) from unnest(${tx.array(texts, 1009)}::text[]) as hint`
}
