import { nodeId } from '../../cluster/incarnation.ts'
import { formatTimeSpan } from '../../lib/duration.ts'
import type { JobRow } from '../../schedule/jobs.ts'
import { wireDate, wireDateOrNull } from '../dates.ts'

/** A recurring job with its last run and its next, as an entry of `TaskStatus`. */
export function jobView(job: JobRow) {
  const path = `/api/scheduler/${encodeURIComponent(job.name)}`
  const { lastStarted, lastCompleted } = job
  return {
    Id: job.name,
    Name: job.name,
    IsEnabled: job.enabled,
    Kind: job.kind,
    Description: job.description,
    Every: formatTimeSpan(job.everyMs),
    NextDue: wireDate(job.nextDue),
    LastDue: wireDateOrNull(job.lastDue),
    LastTaskId: job.lastTask === null ? null : `ServerTasks-${job.lastTask}`,
    LastNodeId: job.lastNode === null ? null : nodeId(job.lastNode),
    LastStarted: wireDateOrNull(lastStarted),
    LastDuration: lastStarted && lastCompleted ? formatTimeSpan(lastCompleted.getTime() - lastStarted.getTime()) : null,
    LastResult: job.lastState,
    IsOverdue: job.isOverdue,
    Links: {
      Logs: `${path}/logs{?verbose,tail}`,
      LogsRaw: `${path}/logs/raw`,
      Trigger: `/api/scheduler/trigger?task=${encodeURIComponent(job.name)}`,
      Start: `/api/scheduler/start?task=${encodeURIComponent(job.name)}`,
      Stop: `/api/scheduler/stop?task=${encodeURIComponent(job.name)}`,
      ...(job.lastTask === null ? {} : { LastTask: `/api/tasks/ServerTasks-${job.lastTask}` }),
    },
  }
}

/** `GET /api/scheduler`. It runs while any of its jobs is enabled. */
export function schedulerView(jobs: readonly JobRow[]) {
  return {
    Id: 'scheduler',
    IsRunning: jobs.some((job) => job.enabled),
    TaskStatus: jobs.map(jobView),
    Links: {
      Self: '/api/scheduler',
      Start: '/api/scheduler/start{?task}',
      Stop: '/api/scheduler/stop{?task}',
      Trigger: '/api/scheduler/trigger{?task}',
    },
  }
}
