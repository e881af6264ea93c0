import type { Sql } from '../../../database/connect.ts'
import type { Clock } from '../../../lib/clock.ts'
import type { TaskState } from '../../../tasks/kind.ts'
import { countByState, type TaskFilter } from '../../../tasks/queries.ts'

export type CountsByState = Partial<Record<TaskState, number>>

/** A count that takes longer than this is kept for a moment, so that watchers of a long list do not count it all the time. */
const KEEP_SLOWER_THAN_MS = 25
const KEEP_MS = 1500
const KEPT_AT_MOST = 200

interface Kept {
  askedAtMs: number
  counts: Promise<CountsByState>
}

/** Counts tasks by state. What is quickly counted is counted each time; the rest is at most 1.5 s old. */
export class TaskCounts {
  readonly #sql: Sql
  readonly #clock: Clock
  readonly #kept = new Map<string, Kept>()

  constructor(sql: Sql, clock: Clock) {
    this.#sql = sql
    this.#clock = clock
  }

  read(filter: TaskFilter): Promise<CountsByState> {
    const key = JSON.stringify(filter)
    const kept = this.#kept.get(key)
    if (kept && this.#clock.monotonicMs() - kept.askedAtMs < KEEP_MS) return kept.counts
    const asked = { askedAtMs: this.#clock.monotonicMs(), counts: countByState(this.#sql, filter) }
    void this.#keep(key, asked)
    return asked.counts
  }

  async #keep(key: string, asked: Kept): Promise<void> {
    if (this.#kept.size >= KEPT_AT_MOST) this.#kept.clear()
    this.#kept.delete(key)
    const isGood = await asked.counts.then(
      () => true,
      () => false,
    )
    const tookMs = this.#clock.monotonicMs() - asked.askedAtMs
    if (isGood && tookMs > KEEP_SLOWER_THAN_MS) this.#kept.set(key, asked)
  }
}
