import type { Clock } from '../lib/clock.ts'

/** A count that takes longer than this is kept for a moment, so that watchers of something long do not count it all the time. */
const KEEP_SLOWER_THAN_MS = 25
/** From this age on a kept count is made anew beside the answers. */
const REFRESH_MS = 1000
/** No answer is older than this. */
const KEEP_MS = 1900
const KEPT_AT_MOST = 200

interface Kept<Count> {
  readonly askedAtMs: number
  /** Undefined while it is being counted. */
  endedAtMs: number | undefined
  readonly count: Promise<Count>
  /** True when its successor has been asked for. */
  isAging: boolean
}

/**
 * Counts of one kind, by key. What is quickly counted is counted each time; the rest is at most 2 s old, and who asks again
 * and again does not wait for it.
 */
export class KeptCounts<Count> {
  readonly #clock: Clock
  readonly #kept = new Map<string, Kept<Count>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The count under this key: the kept one, or a new one by `make`. */
  read(key: string, make: () => Promise<Count>): Promise<Count> {
    const kept = this.#kept.get(key)
    const ageMs = kept ? this.#clock.monotonicMs() - kept.askedAtMs : Number.POSITIVE_INFINITY
    if (!kept || ageMs >= KEEP_MS || !this.#isSlow(kept)) {
      const made = this.#make(key, make)
      this.#keep(key, made)
      return made.count
    }
    if (ageMs >= REFRESH_MS && !kept.isAging) {
      kept.isAging = true
      const made = this.#make(key, make)
      made.count.then(
        () => this.#keep(key, made),
        () => {},
      )
    }
    return kept.count
  }

  #isSlow({ askedAtMs, endedAtMs }: Kept<Count>): boolean {
    return (endedAtMs ?? this.#clock.monotonicMs()) - askedAtMs > KEEP_SLOWER_THAN_MS
  }

  #keep(key: string, made: Kept<Count>): void {
    if (this.#kept.size >= KEPT_AT_MOST) this.#kept.clear()
    this.#kept.set(key, made)
  }

  #make(key: string, make: () => Promise<Count>): Kept<Count> {
    const askedAtMs = this.#clock.monotonicMs()
    const made: Kept<Count> = { askedAtMs, endedAtMs: undefined, count: make(), isAging: false }
    made.count.then(
      () => {
        made.endedAtMs = this.#clock.monotonicMs()
      },
      () => {
        if (this.#kept.get(key) === made) this.#kept.delete(key)
      },
    )
    return made
  }
}
