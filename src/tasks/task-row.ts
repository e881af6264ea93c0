import type { WhenLost } from '../cluster/timings.ts'
import type { Queryable } from '../database/connect.ts'
import type { TaskState } from './kind.ts'

/** A task as the database has it. */
export interface TaskRow {
  id: number
  kind: string
  /** `Spaces-1`, or null for a system task. */
  space: string | null
  description: string
  arguments: Record<string, unknown>
  state: TaskState
  isMovedToTop: boolean
  priority: number
  queueTime: Date
  due: boolean
  queuedSince: Date
  expiresAt: Date
  whenLost: WhenLost
  taskLeaseMs: number
  leaderOnly: boolean
  tag: string | null
  timeLimitMs: number | null
  attempt: number
  timesLost: number
  /** True when the task ended because its node was lost. */
  lost: boolean
  node: string | null
  incarnation: string | null
  startedAt: Date | null
  cancelAt: Date | null
  cancelBy: string | null
  completedAt: Date | null
  updatedAt: Date
  cause: string | null
  exitCode: number | null
  hasWarnings: boolean
  createdBy: string | null
  rerunOf: number | null
  job: string | null
}

/** The columns of a `TaskRow`, to be selected from `task t`. */
export function taskColumns(sql: Queryable, argumentsColumn = sql`t.arguments`) {
  return sql`
    t.id, t.kind, t.space, t.description, ${argumentsColumn}, t.state, t.top < 0 as "isMovedToTop", -t.rank as priority,
    t.queue_time as "queueTime", t.due, t.queued_since as "queuedSince", t.expires_at as "expiresAt", t.when_lost as "whenLost",
    t.task_lease_ms as "taskLeaseMs", t.leader_only as "leaderOnly", t.tag, t.time_limit_ms as "timeLimitMs", t.attempt,
    t.times_lost as "timesLost", t.lost, t.node, t.incarnation, t.started_at as "startedAt", t.cancel_at as "cancelAt",
    t.cancel_by as "cancelBy", t.completed_at as "completedAt", t.updated_at as "updatedAt", t.cause, t.exit_code as "exitCode",
    t.has_warnings as "hasWarnings", t.created_by as "createdBy", t.rerun_of as "rerunOf", t.job`
}

export const FINAL_STATES = ['Success', 'Failed', 'Canceled', 'TimedOut'] as const satisfies readonly TaskState[]
export const TASK_STATES = [
  'Queued',
  'Executing',
  'Cancelling',
  ...FINAL_STATES,
] as const satisfies readonly TaskState[]

/** `ServerTasks-<n>`: the id under which the API knows a task. */
export function taskId(id: number): string {
  return `ServerTasks-${id}`
}
