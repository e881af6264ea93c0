import type { Timings } from '../../cluster/timings.ts'
import type { ClusterView } from '../../cluster/view.ts'
import type { TaskRow } from '../../tasks/task-row.ts'
import { wireDate } from '../dates.ts'

/**
 * While a task's node is silent: since when, and when the task will be settled if the silence lasts. Null for a task that
 * does not run, or whose node beats.
 */
export function nodeSilence(
  task: Pick<TaskRow, 'state' | 'incarnation' | 'taskLeaseMs'>,
  { cluster, timings }: { cluster: ClusterView; timings: Timings },
): { Since: string; SettledAt: string } | null {
  if (task.incarnation === null || (task.state !== 'Executing' && task.state !== 'Cancelling')) return null
  const beats = [...cluster.nodes.flatMap((node) => node.beats ?? []), ...cluster.formerBeats]
  const lastSeen = beats.find((beat) => beat.incarnation === task.incarnation)?.lastSeen
  if (lastSeen === undefined || cluster.readAt.getTime() - lastSeen.getTime() < timings.leaseDurationMs) return null
  return { Since: wireDate(lastSeen), SettledAt: wireDate(new Date(lastSeen.getTime() + task.taskLeaseMs)) }
}
