import type { Sql } from '../database/connect.ts'
import type { Actor } from '../identity/actor.ts'
import { Refusal } from '../lib/errors.ts'
import { eachInOrder } from '../lib/in-order.ts'
import { cancelTask } from './cancel.ts'
import type { TaskState } from './kind.ts'

/** So many at a time, so that other requests find sessions too. */
export const AT_ONCE = 4

/** What a request to cancel found: the state before it, or that there is no such task. */
export interface CancelResult {
  id: number
  found: TaskState | 'missing'
}

/**
 * Cancels tasks, each in a transaction of its own with an event of its own, as `cancelTask` does; in the order of the ids
 * given. Asked again it changes nothing more.
 */
export async function cancelTasks(sql: Sql, ids: readonly number[], actor: Actor): Promise<CancelResult[]> {
  return await eachInOrder(ids, AT_ONCE, async (id) => {
    try {
      return { id, found: await cancelTask(sql, id, actor) }
    } catch (error) {
      if (error instanceof Refusal && error.code === 'NotFound') return { id, found: 'missing' as const }
      throw error
    }
  })
}
