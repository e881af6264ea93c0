import type { ClusterView } from '../../../cluster/view.ts'
import type { Sql } from '../../../database/connect.ts'
import { readLogEnd } from '../../../tasks/log-rows.ts'
import { queuePosition, queuePositions, readTask, taskAttempts } from '../../../tasks/queries.ts'
import type { TaskRow } from '../../../tasks/task-row.ts'
import { waitingBecause } from '../../../tasks/waiting.ts'
import type { ApiContext } from '../../context.ts'
import { notFound, numberOfId } from '../../ids.ts'
import { attemptView } from '../../views/attempt-view.ts'
import { taskView } from '../../views/task-view.ts'
import { readCluster } from '../nodes/read-cluster.ts'

export type TaskResource = ReturnType<typeof taskView>

/** The number behind `ServerTasks-<n>`; refuses with 404 what is none. */
export function taskNumber(id: string): number {
  const number = numberOfId('ServerTasks', id)
  if (number === undefined) throw notFound('task', id)
  return number
}

/** The task's row; refuses with 404. */
export async function readTaskRow({ sql }: ApiContext, id: string): Promise<TaskRow> {
  const task = await readTask(sql, taskNumber(id))
  if (!task) throw notFound('task', id)
  return task
}

/** Tasks as the wire has them, from one view of the cluster and at most two further statements. */
export async function viewTasks(context: ApiContext, tasks: readonly TaskRow[]): Promise<TaskResource[]> {
  if (tasks.length === 0) return []
  const queued = tasks.filter(({ state, due }) => state === 'Queued' && due).map(({ id }) => id)
  const [cluster, holders, positions] = await Promise.all([
    readCluster(context),
    readTagHolders(context.sql, tasks),
    queued.length > 0 ? queuePositions(context.sql, queued) : undefined,
  ])
  const waiting = waitingFacts(cluster)
  return tasks.map((task) => {
    const tagHolder = task.tag === null ? undefined : holders.get(task.tag)
    const isKindKnown = context.kinds.find(task.kind) !== undefined
    const because = waitingBecause(task, { ...waiting, tagHolder, isKindKnown })
    const { timings, kinds } = context
    const queuePosition = positions?.get(task.id)
    return taskView(task, { cluster, timings, kinds, waitingBecause: because ?? null, queuePosition })
  })
}

/** One task as the wire has it in lists and in answers to changes; refuses with 404. */
export async function viewTask(context: ApiContext, id: number): Promise<TaskResource> {
  const task = await readTask(context.sql, id)
  const [view] = task ? await viewTasks(context, [task]) : []
  if (!view) throw notFound('task', `ServerTasks-${id}`)
  return view
}

/** One task with its attempts, its place in the queue, and the length of its log. */
export async function viewTaskInFull(context: ApiContext, task: TaskRow) {
  const { sql } = context
  const [[view], attempts, position, lines] = await Promise.all([
    viewTasks(context, [task]),
    taskAttempts(sql, task.id),
    task.state === 'Queued' ? queuePosition(sql, task.id) : undefined,
    readLogEnd(sql, task.id),
  ])
  return { ...view, Attempts: attempts.map(attemptView), QueuePosition: position ?? null, LogLineCount: lines }
}

function waitingFacts({ readAt, pause, nodes, leadership }: ClusterView) {
  return {
    now: readAt,
    pause,
    nodes: nodes.map((node) => ({ ...node, isDraining: node.drain !== undefined })),
    hasLeader: leadership.leader !== undefined,
  }
}

/** The tasks that hold the tags which queued ones among these wait for, by tag. */
async function readTagHolders(
  sql: Sql,
  tasks: readonly TaskRow[],
): Promise<Map<string, { id: number; node: string | null }>> {
  const tags = new Set(tasks.flatMap(({ state, tag }) => (state === 'Queued' && tag !== null ? [tag] : [])))
  if (tags.size === 0) return new Map()
  const rows = await sql<{ tag: string; id: number; node: string | null }[]>`
    select tag, id, node from task
    where tag = any (${[...tags]}::text[]) and tag is not null and state in ('Executing', 'Cancelling')`
  return new Map(rows.map(({ tag, ...holder }) => [tag, holder]))
}
