import type { Sql } from '../../../database/connect.ts'
import type { TaskState } from '../../../tasks/kind.ts'
import type { TaskStamp } from './task-waiters.ts'

/** What a follower of a task waits to see changed. */
export interface FollowedTask {
  id: number
  state: TaskState
  attempt: number
  /** How many entries its log has. */
  lines: number
}

/** These tasks as they are now; those that are gone are missing. */
export async function readFollowedTasks(sql: Sql, taskIds: readonly number[]): Promise<FollowedTask[]> {
  return await sql<FollowedTask[]>`
    select t.id, t.state, t.attempt, coalesce((
        select l.first_line + l.line_count from task_log l where l.task_id = t.id order by l.first_line desc limit 1), 0) as lines
    from task t where t.id = any (${taskIds as number[]}::bigint[])`
}

export function stampOf({ state, attempt, lines }: FollowedTask): TaskStamp {
  return `${state} ${attempt} ${lines}`
}

/** The stamps of these tasks as they are now. */
export async function readTaskStamps(sql: Sql, taskIds: readonly number[]): Promise<Map<number, TaskStamp>> {
  const followed = await readFollowedTasks(sql, taskIds)
  return new Map(followed.map((task) => [task.id, stampOf(task)]))
}
