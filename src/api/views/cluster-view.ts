import { nodeId } from '../../cluster/incarnation.ts'
import type { LeadershipDescription } from '../../cluster/leadership.ts'
import type { ClusterView } from '../../cluster/view.ts'
import { wireDateOrNull } from '../dates.ts'

/** The waiting tasks, counted. */
export interface QueueSize {
  queued: number
  oldestQueuedAt: Date | undefined
}

/** `Cluster` in the summary of nodes. */
export function clusterSummaryView(view: ClusterView, queue: QueueSize) {
  const { leader, term, since } = view.leadership
  return {
    LeaderNodeId: leader === undefined ? null : nodeId(leader),
    Term: term,
    LeaderSince: wireDateOrNull(since),
    ...pauseFields(view),
    TotalTaskCap: view.totalTaskCap,
    RunningTaskCount: view.running,
    QueuedTaskCount: queue.queued,
    OldestQueuedAt: wireDateOrNull(queue.oldestQueuedAt),
  }
}

/** `GET /api/queue`. */
export function queueView(view: ClusterView, queue: QueueSize) {
  return {
    ...pauseFields(view),
    QueuedTaskCount: queue.queued,
    ExecutingTaskCount: view.running,
    OldestQueuedAt: wireDateOrNull(queue.oldestQueuedAt),
    TotalTaskCap: view.totalTaskCap,
    Links: {
      Self: '/api/queue',
      Pause: '/api/queue/pause',
      Resume: '/api/queue/resume',
      Tasks: '/api/tasks?states=Queued',
    },
  }
}

/** `GET /api/leadership`. */
export function leadershipView({ term, node, since }: LeadershipDescription) {
  return {
    Term: term,
    NodeId: node === undefined ? null : nodeId(node),
    NodeName: node ?? null,
    Since: wireDateOrNull(since),
    Links: { Self: '/api/leadership', StepDown: '/api/leadership/step-down' },
  }
}

function pauseFields({ pause }: ClusterView) {
  return {
    IsPaused: pause !== undefined,
    PauseReason: pause?.reason ?? null,
    PausedBy: pause?.by ?? null,
    PausedAt: wireDateOrNull(pause?.since),
  }
}
