import type { Timings } from '../cluster/timings.ts'
import type { Sql } from '../database/connect.ts'
import type { Actor } from '../identity/actor.ts'
import { Refusal } from '../lib/errors.ts'
import { eachInOrder } from '../lib/in-order.ts'
import { only } from '../lib/must.ts'
import { AT_ONCE } from './cancel-many.ts'
import type { KindRegistry } from './kind.ts'
import { briefArguments } from './queries.ts'
import { rerunOnce } from './rerun.ts'
import { type TaskRow, taskColumns } from './task-row.ts'

/** Which of the tasks that ended because their node was lost are meant. */
export interface LostFilter {
  /** The node's name. */
  node: string
  /** Settled at this time or later. */
  since?: Date | undefined
  ids?: readonly number[] | undefined
}

/** A task that ended because its node was lost, and its re-run, if there is one. */
export interface LostTask extends TaskRow {
  rerunId: number | null
}

/** The tasks that a node lost, newest first, but for those that a person has set to Success since. */
export async function listLostTasks(
  sql: Sql,
  filter: LostFilter,
  page: { skip: number; take: number },
): Promise<LostTask[]> {
  return await sql<LostTask[]>`
    select ${taskColumns(sql, briefArguments(sql))},
      (select r.id from task r where r.rerun_of = t.id and r.rerun_attempt = t.attempt) as "rerunId"
    from task t where ${isLost(sql, filter)}
    order by t.id desc limit ${page.take} offset ${page.skip}`
}

/** How many they are. */
export async function countLostTasks(sql: Sql, filter: LostFilter): Promise<number> {
  return only(await sql<{ count: number }[]>`select count(*) from task t where ${isLost(sql, filter)}`).count
}

/** In the words of the indexes that hold what has ended and what is troubled, so that either may serve. */
function isLost(sql: Sql, { node, since, ids }: LostFilter) {
  return sql`
    t.lost and t.node = ${node} and t.completed_at is not null and t.state <> 'Success'
    and (t.state in ('Failed', 'Canceled', 'TimedOut') or t.has_warnings)
    ${since === undefined ? sql`` : sql`and t.completed_at >= ${since}`}
    ${ids === undefined ? sql`` : sql`and t.id = any (${ids as number[]}::bigint[])`}`
}

/** What became of the wish to re-run a lost task. */
export type RerunResult =
  /** `isNew`: by this call. */
  { id: number; rerunId: number; isNew: boolean } | { id: number; refusal: string }

/**
 * Re-runs lost tasks, each once however often and by whomever it is asked for; what was re-run before is answered with that
 * re-run. `refusalOf` says in a sentence why the asker may not run a task.
 */
export async function rerunLostTasks(
  sql: Sql,
  lost: readonly LostTask[],
  parts: { registry: KindRegistry; timings: Timings; refusalOf: (task: LostTask) => string | undefined },
  actor: Actor,
): Promise<RerunResult[]> {
  return await eachInOrder(lost, AT_ONCE, async (task): Promise<RerunResult> => {
    const refusal = parts.refusalOf(task)
    if (refusal !== undefined) return { id: task.id, refusal }
    try {
      const { id: rerunId, isRepeat } = await rerunOnce(sql, task.id, parts, actor)
      return { id: task.id, rerunId, isNew: !isRepeat }
    } catch (error) {
      if (error instanceof Refusal) return { id: task.id, refusal: error.message }
      throw error
    }
  })
}
