import { nodeId } from '../../cluster/incarnation.ts'
import type { Timings } from '../../cluster/timings.ts'
import type { ClusterView } from '../../cluster/view.ts'
import { formatTimeSpan } from '../../lib/duration.ts'
import type { KindRegistry } from '../../tasks/kind.ts'
import { isFinal } from '../../tasks/queries.ts'
import { type TaskRow, taskId } from '../../tasks/task-row.ts'
import { wireDate, wireDateOrNull } from '../dates.ts'
import { durationInWords } from './duration-words.ts'
import { nodeSilence } from './node-silence.ts'

/** What a task's row does not tell. */
export interface TaskFacts {
  cluster: ClusterView
  timings: Timings
  kinds: KindRegistry
  /** Why it waits, in a sentence; null unless it is queued. */
  waitingBecause: string | null
  /** How many wait before it; undefined unless it is queued and near the head. */
  queuePosition: number | undefined
}

/** A task as the wire has it, the same in lists and alone. */
export function taskView(task: TaskRow, facts: TaskFacts) {
  const isCompleted = isFinal(task.state)
  return {
    Id: taskId(task.id),
    SpaceId: task.space,
    Name: task.kind,
    Description: task.description,
    Arguments: task.arguments,
    State: task.state,
    Completed: completedText(task),
    QueueTime: wireDate(task.queueTime),
    QueueTimeExpiry: wireDate(task.expiresAt),
    StartTime: wireDateOrNull(task.startedAt),
    LastUpdatedTime: wireDate(task.updatedAt),
    CompletedTime: wireDateOrNull(task.completedAt),
    ServerNode: task.node === null ? null : nodeId(task.node),
    NodeName: task.node,
    NodeSilent: nodeSilence(task, facts),
    Duration: durationText(task, facts.cluster.readAt),
    ErrorMessage: task.cause ?? '',
    HasBeenPickedUpByProcessor: task.attempt > 0,
    IsCompleted: isCompleted,
    FinishedSuccessfully: task.state === 'Success',
    HasPendingInterruptions: false,
    PendingInterruptionTypes: [],
    HasPendingPreconditions: false,
    PendingPreconditionTypes: [],
    CanRerun: isCompleted && facts.kinds.find(task.kind)?.createPermission !== undefined,
    HasWarningsOrErrors: task.hasWarnings || task.state === 'Failed' || task.state === 'TimedOut',
    ProjectId: null,
    EstimatedRemainingQueueDurationSeconds: 0,
    WaitingBecause: facts.waitingBecause,
    Priority: task.priority,
    IsMovedToTop: task.isMovedToTop,
    Attempt: task.attempt,
    TimesLost: task.timesLost,
    IsLost: task.lost,
    QueuePosition: facts.queuePosition ?? null,
    ExitCode: task.exitCode,
    TimeLimit: task.timeLimitMs === null ? null : formatTimeSpan(task.timeLimitMs),
    CreatedBy: task.createdBy,
    CancelRequestedAt: wireDateOrNull(task.cancelAt),
    CancelRequestedBy: task.cancelBy,
    RerunOf: task.rerunOf === null ? null : taskId(task.rerunOf),
    Job: task.job,
    Links: taskLinks(task),
  }
}

/** Words where the wire has words: what it is doing, or when it ended. */
function completedText({ state, completedAt }: TaskRow): string {
  if (state === 'TimedOut') return 'Timed out'
  if (completedAt === null) return `${state}...`
  return completedAt
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' +00:00')
}

function durationText({ startedAt, completedAt }: TaskRow, now: Date): string {
  return startedAt === null ? '' : durationInWords(Math.max(0, (completedAt ?? now).getTime() - startedAt.getTime()))
}

function taskLinks({ id, space }: TaskRow) {
  const self = `/api/tasks/${taskId(id)}`
  return {
    Self: self,
    Web: `/app#/${space ?? 'Spaces-1'}/tasks/${taskId(id)}`,
    Raw: `${self}/raw`,
    Rerun: `/api/tasks/rerun/${taskId(id)}`,
    Cancel: `${self}/cancel`,
    Abandon: `${self}/abandon`,
    State: `${self}/state`,
    Prioritize: `${self}/prioritize`,
    QueuedBehind: `${self}/queued-behind{?skip,take}`,
    Details: `${self}/details{?verbose,tail,ranges}`,
    Log: `${self}/log{?from,take,tail,wait}`,
    StatusMessages: `${self}/status/messages`,
  }
}
