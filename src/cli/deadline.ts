import { type Clock, MINUTE } from '../lib/clock.ts'
import { formatDuration } from '../lib/duration.ts'
import { CommandFailure, EXIT } from './exit-codes.ts'
import type { CallOptions } from './transport.ts'

/** How long a command that waits goes on while no server answers: a cluster may be away for minutes and lose nothing. */
const PATIENCE_MS = 5 * MINUTE
/** The most that a timer takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The end of a command's own `--timeout`; without one it never comes. */
export class Deadline {
  readonly #clock: Clock
  readonly #timeoutMs: number | undefined
  readonly #startMs: number

  constructor(clock: Clock, timeoutMs: number | undefined) {
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    this.#startMs = clock.monotonicMs()
  }

  get remainingMs(): number {
    if (this.#timeoutMs === undefined) return Number.POSITIVE_INFINITY
    return Math.max(0, this.#startMs + this.#timeoutMs - this.#clock.monotonicMs())
  }

  get hasPassed(): boolean {
    return this.remainingMs === 0
  }

  /**
   * Does `work`, whose calls use the options it is given: patient while the server is away, but cut off when the deadline
   * passes. Then it throws the failure with the exit code for that; `meanwhile` says what goes on all the same.
   */
  async within<T>(work: (options: CallOptions) => Promise<T>, meanwhile: () => string): Promise<T> {
    if (this.hasPassed) throw this.#failure(meanwhile())
    const { remainingMs } = this
    const cut = new AbortController()
    const timer = Number.isFinite(remainingMs)
      ? setTimeout(() => cut.abort(), Math.min(remainingMs, LONGEST_TIMER_MS))
      : undefined
    try {
      return await work({ patienceMs: Math.min(PATIENCE_MS, remainingMs), signal: cut.signal })
    } catch (error) {
      throw this.hasPassed ? this.#failure(meanwhile()) : error
    } finally {
      clearTimeout(timer)
    }
  }

  #failure(meanwhile: string): CommandFailure {
    return new CommandFailure(EXIT.timeout, `${formatDuration(this.#timeoutMs ?? 0)} have passed: ${meanwhile}`)
  }
}
