import type { Clock } from '../lib/clock.ts'

/** A count that takes longer than this is kept for a moment, so that watchers of something long do not count it all the time. */
const KEEP_SLOWER_THAN_MS = 25
const KEEP_MS = 1500
const KEPT_AT_MOST = 200

interface Kept<Count> {
  readonly askedAtMs: number
  /** Undefined while it is being counted. */
  endedAtMs: number | undefined
  readonly count: Promise<Count>
}

/** Counts of one kind, by key. What is quickly counted is counted each time; the rest is at most 1.5 s old. */
export class KeptCounts<Count> {
  readonly #clock: Clock
  readonly #kept = new Map<string, Kept<Count>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The count under this key: the kept one, or a new one by `make`. */
  read(key: string, make: () => Promise<Count>): Promise<Count> {
    const kept = this.#kept.get(key)
    if (kept && this.#isWorthKeeping(kept)) return kept.count
    if (this.#kept.size >= KEPT_AT_MOST) this.#kept.clear()
    const made: Kept<Count> = { askedAtMs: this.#clock.monotonicMs(), endedAtMs: undefined, count: make() }
    this.#kept.set(key, made)
    made.count.then(
      () => {
        made.endedAtMs = this.#clock.monotonicMs()
      },
      () => {
        if (this.#kept.get(key) === made) this.#kept.delete(key)
      },
    )
    return made.count
  }

  #isWorthKeeping({ askedAtMs, endedAtMs }: Kept<Count>): boolean {
    const nowMs = this.#clock.monotonicMs()
    return (endedAtMs ?? nowMs) - askedAtMs > KEEP_SLOWER_THAN_MS && nowMs - askedAtMs < KEEP_MS
  }
}
