import type { Incarnation } from '../cluster/incarnation.ts'
import type { Lease } from '../cluster/lease.ts'
import { STOP_MARGIN_MS, type Timings } from '../cluster/timings.ts'
import type { Sql } from '../database/connect.ts'
import { type Clock, SECOND } from '../lib/clock.ts'
import { stopMessage } from './attempt-end.ts'
import { readCancelled } from './claim-session.ts'
import type { RoundTrips } from './round-trips.ts'
import type { RunningAttempt } from './running-attempt.ts'

export interface AttemptWatchDeps {
  sql: Sql
  incarnation: Incarnation
  lease: Lease
  timings: Timings
  clock: Clock
  roundTrips: RoundTrips
}

/** How often attempts are looked after. */
export const WATCH_MS = SECOND
const UNTRUSTED_WATCH_MS = SECOND / 4

/**
 * Looks after what a node runs: stops what is being cancelled, whether or not a hint told of it, and while the lease cannot
 * be trusted what would outlive its task lease. Asks nothing while nothing runs. Returns when to look again.
 */
export async function watchAttempts(
  held: ReadonlyMap<number, RunningAttempt>,
  deps: AttemptWatchDeps,
): Promise<number> {
  if (held.size === 0) return WATCH_MS
  if (!deps.lease.isTrusted()) {
    stopBeforeLeaseEnds(held, deps)
    return UNTRUSTED_WATCH_MS
  }
  const { sql, incarnation, roundTrips } = deps
  for (const { id, attempt, by, cause } of await roundTrips.run(() => readCancelled(sql, incarnation.id))) {
    const running = held.get(id)
    if (running?.attempt !== attempt) continue
    if (cause === null) running.stop('cancel', `Cancelled by ${by ?? 'somebody'}.`)
    else running.stop('drain deadline', cause)
  }
  return WATCH_MS
}

/** Early enough for the grace and for SIGKILL, before others may act on the node's silence. */
function stopBeforeLeaseEnds(
  held: ReadonlyMap<number, RunningAttempt>,
  { lease, clock, timings, incarnation }: AttemptWatchDeps,
): void {
  const silentMs = clock.monotonicMs() - lease.lastBeatSentMs()
  const message = stopMessage('lease ending', incarnation.node)
  for (const attempt of held.values()) {
    if (silentMs >= attempt.taskLeaseMs - timings.cancelGraceMs - STOP_MARGIN_MS) attempt.stop('lease ending', message)
  }
}
