import { setTimeout as delay } from 'node:timers/promises'

/**
 * The process's own clock, which only ever measures how long something took or delays a verdict; what nodes must agree
 * on is decided with the database's clock.
 */
export interface Clock {
  /** Milliseconds on a clock that never steps and is the same in every thread of the process. */
  monotonicMs(): number
  /** Resolves after `ms`, or rejects with an AbortError as soon as `signal` fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The real clock. `process.hrtime` rather than `performance.now`, whose origin differs between threads. */
export const systemClock: Clock = {
  monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : undefined),
}

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
