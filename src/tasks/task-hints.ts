import type { Sql } from '../database/connect.ts'
import { HINT_CHANNEL, hintText } from '../database/hints.ts'
import type { Clock } from '../lib/clock.ts'

/**
 * Hints of this node's about tasks are sent at most so often: every NOTIFY takes a lock that all notifying commits of the
 * server queue for, which thousands of ends a second cannot afford.
 */
const HINT_INTERVAL_MS = 100

/** Tells all nodes which tasks have changed: the first at once, then gathered. A hint that does not go out is not missed for long. */
export interface TaskHints {
  add(taskId: number): void
  /** Also tells that something may be claimed now that could not before. */
  queue(): void
}

/** `signal` ends it. */
export function createTaskHints(sql: Sql, clock: Clock, signal: AbortSignal): TaskHints {
  let ids = new Set<number>()
  let isQueueDue = false
  let isSending = false
  async function send(): Promise<void> {
    isSending = true
    // What is added while this turn of the event loop lasts goes with the first hint
    await Promise.resolve()
    while (!signal.aborted && (ids.size > 0 || isQueueDue)) {
      const texts = ids.size > 0 ? [hintText('task', [...ids].join(','))] : []
      if (isQueueDue) texts.push(hintText('queue'))
      ids = new Set()
      isQueueDue = false
      await notify(sql, texts).catch(() => {})
      await clock.sleep(HINT_INTERVAL_MS, signal).catch(() => {})
    }
    isSending = false
  }
  const wake = () => {
    if (!isSending && !signal.aborted) void send()
  }
  return {
    add(taskId) {
      ids.add(taskId)
      wake()
    },
    queue() {
      isQueueDue = true
      wake()
    },
  }
}

async function notify(sql: Sql, texts: readonly string[]): Promise<void> {
  await sql`select pg_notify(${HINT_CHANNEL}, hint) from unnest(${sql.array([...texts], 1009)}::text[]) as hint`
}
