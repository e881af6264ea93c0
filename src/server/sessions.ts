import { connect, type Sql } from '../database/connect.ts'
import { CLAIM_SESSION_SETTINGS } from '../tasks/claim.ts'

/**
 * A node's sessions on the database, apart by purpose, so that no kind of work waits behind another. (The heart has one
 * more, in its own thread.) Those of one session keep their statements in order, and are replaced when lost.
 */
export interface Sessions {
  /** Requests of the API. */
  api: Sql
  /** The claim: one session, its planner pinned. */
  claim: Sql
  /** Ends of attempts. */
  write: Sql
  /** Chunks of task logs: many and large, so that ends must not wait behind them. */
  output: Sql
  /** The watch's readings: one session, over which silence is counted. */
  watch: Sql
  /** Registration, elections, marks, sweeps. */
  cluster: Sql
  /** Kinds that work on the database themselves. */
  work: Sql
  hints: Sql
  close(): Promise<void>
}

const CLOSE_WITHIN_SECONDS = 2
const UNUSED_SECONDS = 60

/** Nothing connects until it is used. */
export function openSessions(url: string, owner: string): Sessions {
  const open = (purpose: string, max: number, more: { idleSeconds?: number; settings?: Record<string, string> } = {}) =>
    connect(url, { purpose, owner, max, ...more })
  const sets = {
    api: open('api', 8, { idleSeconds: UNUSED_SECONDS }),
    claim: open('claim', 1, { settings: CLAIM_SESSION_SETTINGS }),
    write: open('write', 2, { idleSeconds: UNUSED_SECONDS, settings: CLAIM_SESSION_SETTINGS }),
    output: open('output', 2, { idleSeconds: UNUSED_SECONDS }),
    watch: open('watch', 1),
    cluster: open('cluster', 2, { idleSeconds: UNUSED_SECONDS }),
    work: open('work', 3, { idleSeconds: UNUSED_SECONDS }),
    hints: open('hints', 1, { idleSeconds: UNUSED_SECONDS }),
  }
  return {
    ...sets,
    async close() {
      await Promise.allSettled(Object.values(sets).map((sql) => sql.end({ timeout: CLOSE_WITHIN_SECONDS })))
    },
  }
}
