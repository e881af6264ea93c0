import type { Sql } from '../database/connect.ts'
import type { Hints } from '../database/hints.ts'
import type { Credential } from '../identity/current-user.ts'
import { systemClock } from '../lib/clock.ts'
import { KeptCounts } from './kept-counts.ts'
import { reviewCredentials } from './operations/events/review.ts'
import { StreamHub } from './operations/events/stream-hub.ts'
import type { CountsByState } from './operations/tasks/count-tasks.ts'
import { readTaskStamps } from './operations/tasks/task-stamps.ts'
import { TaskWaiters } from './operations/tasks/task-waiters.ts'
import type { QueueSize } from './views/cluster-view.ts'

/** What of the API lives longer than one request: event streams, requests that wait for a task, counts kept for a moment. */
export interface Live {
  readonly streams: StreamHub<Credential>
  readonly waiters: TaskWaiters
  readonly taskCounts: KeptCounts<CountsByState>
  readonly queueSizes: KeptCounts<QueueSize>
  /** Ends the streams, telling each when to come back, and gives every waiting request its answer. For the stop of a node. */
  close(): void
}

/** Starts listening to the hints. */
export function createLive({ sql, hints }: { sql: Sql; hints: Hints }): Live {
  const streams = new StreamHub<Credential>({ review: (credentials) => reviewCredentials(sql, credentials) })
  const waiters = new TaskWaiters({ readStamps: (ids) => readTaskStamps(sql, ids) })
  const stopListening = hints.on((hint) => {
    if (hint.topic === 'resync') streams.resync()
    else streams.hear(hint)
    waiters.hear(hint)
  })
  return {
    streams,
    waiters,
    taskCounts: new KeptCounts(systemClock),
    queueSizes: new KeptCounts(systemClock),
    close() {
      stopListening()
      streams.close()
      waiters.close()
    },
  }
}
