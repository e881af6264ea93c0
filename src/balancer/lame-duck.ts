import type { Clock } from '../lib/clock.ts'
import { isAbort } from '../lib/errors.ts'

/**
 * - `serving`: all is normal
 * - `lame`: the ping fails, so balancers turn away; every request is still served, on connections that stay open
 * - `closing`: answers carry `Connection: close`, idle connections and event streams are ended; requests in flight are waited for
 * - `quiet`: no request is in flight any more, or the wait for them is over
 */
export type LameDuckPhase = 'serving' | 'lame' | 'closing' | 'quiet'

export interface LameDuckOptions {
  /** How long requests go on being served as ever after the ping has begun to fail. */
  lameDuckMs: number
  /** How long requests in flight are waited for after that. */
  requestDeadlineMs: number
  clock: Clock
}

/** What an orderly stop does to the HTTP side of a node. */
export interface LameDuckEffects {
  /** Ends every event stream, telling its client when to come back. */
  endStreams(): void
  /** Closes the connections on which no request is in flight. */
  closeIdleConnections(): void
  /** Requests that have begun and are not answered; event streams are not counted. */
  requestsInFlight(): number
}

const LOOK_EVERY_MS = 20

/**
 * The orderly stop of a node as its HTTP clients see it. The listener stays open throughout: a refused connection would be
 * taken by the other nodes for this node's death while it still runs attempts. The caller closes it after the goodbye.
 */
export class LameDuck {
  readonly #options: LameDuckOptions
  #phase: LameDuckPhase = 'serving'

  constructor(options: LameDuckOptions) {
    this.#options = options
  }

  get phase(): LameDuckPhase {
    return this.#phase
  }

  /** True from the first moment of the stop: the ping answers 503. */
  get isStopping(): boolean {
    return this.#phase !== 'serving'
  }

  /** True when an answer must say `Connection: close`, and a new event stream is refused. */
  get isClosing(): boolean {
    return this.#phase === 'closing' || this.#phase === 'quiet'
  }

  /**
   * Goes through the phases once and resolves in `quiet`. `hurry` (a second signal) cuts every wait short. It never takes
   * longer than `lameDuckMs` and `requestDeadlineMs` together.
   */
  async run(effects: LameDuckEffects, hurry?: AbortSignal): Promise<void> {
    if (this.#phase !== 'serving') throw new Error('this node is already stopping')
    this.#phase = 'lame'
    await this.#wait(this.#options.lameDuckMs, hurry)
    this.#phase = 'closing'
    effects.endStreams()
    await this.#requestsEnded(effects, hurry)
    this.#phase = 'quiet'
  }

  async #requestsEnded(effects: LameDuckEffects, hurry: AbortSignal | undefined): Promise<void> {
    const { clock, requestDeadlineMs } = this.#options
    const deadline = clock.monotonicMs() + requestDeadlineMs
    for (;;) {
      effects.closeIdleConnections()
      const left = deadline - clock.monotonicMs()
      if (effects.requestsInFlight() === 0 || left <= 0 || hurry?.aborted) return
      await this.#wait(Math.min(LOOK_EVERY_MS, left), hurry)
    }
  }

  async #wait(ms: number, hurry: AbortSignal | undefined): Promise<void> {
    if (ms <= 0) return
    await this.#options.clock.sleep(ms, hurry).catch((error: unknown) => {
      if (!isAbort(error)) throw error
    })
  }
}
