import type { Clock } from '../lib/clock.ts'

/** Knows since when this room's statements have all been answered. */
export interface RoundTrips {
  /** Runs one, and counts it when it was answered. */
  run<T>(act: () => Promise<T>): Promise<T>
  /**
   * `Clock.monotonicMs()` up to which nothing is owed: when the longest-awaited statement was sent, or else when the last
   * one was answered. It falls behind exactly while the database does not answer.
   */
  readonly lastMs: number
  /** How long the last answer took. */
  readonly durationMs: number
}

/** `onAnswer` is called for each answer. */
export function createRoundTrips(clock: Clock, onAnswer: () => void): RoundTrips {
  const awaited = new Map<symbol, number>()
  let answeredMs = clock.monotonicMs()
  let durationMs = 0
  return {
    async run(act) {
      const sentMs = clock.monotonicMs()
      const key = Symbol()
      awaited.set(key, sentMs)
      try {
        const result = await act()
        answeredMs = clock.monotonicMs()
        durationMs = answeredMs - sentMs
        onAnswer()
        return result
      } finally {
        awaited.delete(key)
      }
    },
    get lastMs() {
      // In the order in which they were sent
      const [oldest] = awaited.values()
      return oldest ?? answeredMs
    },
    get durationMs() {
      return durationMs
    },
  }
}
