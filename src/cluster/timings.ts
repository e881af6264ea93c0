import { DAY, MINUTE, SECOND } from '../lib/clock.ts'
import { ConfigurationError } from '../lib/errors.ts'

/** What happens to an attempt whose node was lost: it fails, it runs again elsewhere, or another node carries it on. */
export type WhenLost = 'fail' | 'rerun' | 'resume'

/** Every duration that nodes of a cluster agree on, in milliseconds. */
export interface Timings {
  heartbeatIntervalMs: number
  /** Silence after which a node is offline and its lead void. */
  leaseDurationMs: number
  /** Silence after which an attempt is settled, by what is done then; before its end the node stops the attempt itself. */
  taskLeaseMs: Record<WhenLost, number>
  queueExpiryMs: number
  /** Between SIGTERM and SIGKILL of a cancelled attempt. */
  cancelGraceMs: number
  /** How long a stopping node goes on serving requests after its ping has begun to fail. */
  lameDuckMs: number
  /** How long a stopping node lets its attempts run on before it ends them. */
  stopDeadlineMs: number
  abandonAfterMs: number
  retentionMs: number
}

export const defaultTimings: Timings = {
  heartbeatIntervalMs: 1 * SECOND,
  leaseDurationMs: 5 * SECOND,
  taskLeaseMs: { fail: 5 * MINUTE, rerun: 20 * SECOND, resume: 20 * SECOND },
  queueExpiryMs: 1 * DAY,
  cancelGraceMs: 5 * SECOND,
  lameDuckMs: 10 * SECOND,
  stopDeadlineMs: 30 * SECOND,
  abandonAfterMs: 10 * MINUTE,
  retentionMs: 30 * DAY,
}

/** What is left of a task lease when the node must begin to stop the attempt: the grace, and time for SIGKILL to work. */
export const STOP_MARGIN_MS = 2 * SECOND

/** Refuses timings under which two nodes could act on the same thing, with a sentence that names the setting. */
export function checkTimings(timings: Timings): void {
  const { heartbeatIntervalMs, leaseDurationMs, taskLeaseMs, cancelGraceMs } = timings
  if (heartbeatIntervalMs * 3 > leaseDurationMs) {
    throw new ConfigurationError(
      `TAKO_HEARTBEAT_INTERVAL (${heartbeatIntervalMs} ms) times 3 is more than TAKO_LEASE_DURATION (${leaseDurationMs} ms): one late heartbeat would make a live node look dead. Lengthen the lease or shorten the interval.`,
    )
  }
  for (const [whenLost, lease] of Object.entries(taskLeaseMs)) {
    const needed = leaseDurationMs + cancelGraceMs + STOP_MARGIN_MS
    if (lease < needed) {
      throw new ConfigurationError(
        `TAKO_TASK_LEASE for ${whenLost} (${lease} ms) leaves no room to stop an attempt: it must be at least the lease (${leaseDurationMs} ms) plus the cancel grace (${cancelGraceMs} ms) plus ${STOP_MARGIN_MS} ms, which is ${needed} ms.`,
      )
    }
  }
}
