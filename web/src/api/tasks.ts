import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { Action } from './action.ts'
import { call, read } from './client.ts'
import type { FullTask, LogFindings, LogPage, Task, TaskPage, TaskState, TaskType } from './wire.ts'

const TASKS_EVERY_MS = 10_000
const path = (id: string) => `/tasks/${encodeURIComponent(id)}`

/** The filters of the list of tasks, by the names of the query's parameters. Dates are ISO texts. */
export interface TaskFilter {
  ids?: readonly string[]
  /** Kinds. */
  name?: readonly string[]
  partialName?: string
  description?: string
  states?: readonly TaskState[]
  /** Id or name. */
  node?: string
  running?: boolean
  active?: boolean
  hasWarningsOrErrors?: boolean
  includeSystem?: boolean
  fromQueueDate?: string
  toQueueDate?: string
  fromStartDate?: string
  toStartDate?: string
  fromCompletedDate?: string
  toCompletedDate?: string
  skip?: number
  take?: number
}

/** A page of tasks, newest first, with counts by state. The former page stays shown while the next one is read. */
export function tasksQuery(filter: TaskFilter) {
  return queryOptions({
    queryKey: ['tasks', 'list', filter],
    queryFn: ({ signal }) => read<TaskPage>('/tasks', { query: { ...filter }, signal }),
    refetchInterval: TASKS_EVERY_MS,
    placeholderData: keepPreviousData,
    meta: { topics: ['task', 'queue'] },
  })
}

/** One task with attempts, queue position and length of its log. */
export function taskQuery(id: string) {
  return queryOptions({
    queryKey: ['tasks', id],
    queryFn: ({ signal }) => read<FullTask>(path(id), { signal }),
    refetchInterval: ({ state }) => (state.data?.IsCompleted ? false : TASKS_EVERY_MS),
    meta: { topics: ['task'], ids: [id] },
  })
}

/** The tasks that start before a waiting one. */
export function queuedBehindQuery(id: string, take = 30) {
  return queryOptions({
    queryKey: ['tasks', id, 'queued-behind', take],
    queryFn: ({ signal }) => read<TaskPage>(`${path(id)}/queued-behind`, { query: { take }, signal }),
    refetchInterval: TASKS_EVERY_MS,
    meta: { topics: ['task', 'queue'] },
  })
}

/** The kinds of tasks, which do not change while a node runs. */
export function taskTypesQuery() {
  return queryOptions({
    queryKey: ['tasks', 'types'],
    queryFn: ({ signal }) => read<TaskType[]>('/tasks/tasktypes', { signal }),
    staleTime: 60_000,
  })
}

/** Entries of a task's log: from a number on, or the last ones, or (with `wait` seconds, at most 25) what comes next. */
export function readLog(
  id: string,
  wish: { from?: number; take?: number; tail?: number; wait?: number },
  signal?: AbortSignal,
): Promise<LogPage> {
  return read<LogPage>(`${path(id)}/log`, { query: { ...wish }, ...(signal ? { signal } : {}) })
}

/** Lines of a task's log that contain a text, in either letter case, from a number on; may find none yet. */
export function searchLog(
  id: string,
  wish: { text: string; from: number; take: number },
  signal: AbortSignal,
): Promise<LogFindings> {
  return read<LogFindings>(`${path(id)}/log/search`, { query: { ...wish }, signal })
}

/** Where the whole log can be downloaded as text. */
export function rawLogUrl(id: string): string {
  return `/api${path(id)}/raw`
}

type Named = Pick<Task, 'Id'>

export const cancelTask: Action<{ task: Named }, Task> = {
  run: ({ task }) => call('POST', `${path(task.Id)}/cancel`, { body: {} }),
  done: ({ task }, after) =>
    after.State === 'Cancelling' ? `${task.Id} is being cancelled.` : `${task.Id}: ${after.State}.`,
  topics: ['task'],
}

/** What `POST /api/tasks/cancel` says of each task. */
export interface CancelResults {
  Results: {
    TaskId: string
    Outcome: 'Canceled' | 'Cancelling' | 'AlreadyCancelling' | 'AlreadyEnded' | 'NotFound'
    State: TaskState | null
  }[]
  CanceledCount: number
  CancellingCount: number
}

/** Cancels up to 1000 at once. The output says of each what happened; no toast, since that takes more than a line. */
export const cancelTasks: Action<{ tasks: readonly Named[] }, CancelResults> = {
  run: ({ tasks }, _, key) =>
    call('POST', '/tasks/cancel', { body: { TaskIds: tasks.map(({ Id }) => Id) }, idempotencyKey: key }),
  done: () => undefined,
  topics: ['task', 'queue'],
}

export const rerunTask: Action<{ task: Named }, Task> = {
  run: ({ task }, _, key) =>
    call('POST', `/tasks/rerun/${encodeURIComponent(task.Id)}`, { body: {}, idempotencyKey: key }),
  done: ({ task }, made) => `${task.Id} runs again as ${made.Id}.`,
  topics: ['task'],
}

export const moveTaskToTop: Action<{ task: Named }, unknown> = {
  run: ({ task }) => call('POST', `${path(task.Id)}/prioritize`, { body: {} }),
  done: ({ task }) => `${task.Id} is at the top of the queue.`,
  topics: ['task'],
}

export const abandonTask: Action<{ task: Named }, Task> = {
  run: ({ task }, _, key) => call('POST', `${path(task.Id)}/abandon`, { body: {}, idempotencyKey: key }),
  done: ({ task }) => `${task.Id} is abandoned. Its process may go on.`,
  topics: ['task'],
}

export const setTaskState: Action<
  { task: Named; state: 'Success' | 'Failed' | 'Canceled' | 'TimedOut'; reason: string },
  Task
> = {
  run: ({ task, state, reason }) => call('POST', `${path(task.Id)}/state`, { body: { State: state, Reason: reason } }),
  done: ({ task, state }) => `${task.Id} is set to ${state}.`,
  topics: ['task'],
}

/** The body of `POST /api/tasks`. Durations such as `90s` or `1h30m`. */
export interface NewTask {
  Name: string
  Description?: string
  Arguments?: Record<string, unknown>
  TimeLimit?: string
  QueueTime?: string
  QueueTimeExpiry?: string
  Priority?: number
}

export const createTask: Action<NewTask, Task> = {
  run: (task, _, key) => call('POST', '/tasks', { body: task, idempotencyKey: key }),
  done: (_, made) => `${made.Id} is queued.`,
  topics: ['task', 'queue'],
}
