import { type Clock, SECOND } from '../lib/clock.ts'
import { formatDuration } from '../lib/duration.ts'
import { CommandFailure, EXIT } from './exit-codes.ts'
import { type Fault, faultOfError, faultOfStatus, mayRepeat, type Repeat, retryDelayMs } from './retry.ts'

/** How long a call is repeated while the server does not answer, unless it says otherwise. */
const PATIENCE_MS = 10 * SECOND
/** How long one answer may take beyond the time the server was asked to hold it. */
const ANSWER_LIMIT_MS = 20 * SECOND
/** A difference between the clocks below this is the coarseness of the Date header. */
const CLOCK_COARSENESS_MS = 2 * SECOND

/** How patient a call is. */
export interface CallOptions {
  /** How long the server was asked to hold its answer. */
  readonly holdMs?: number
  /** How long to repeat the call while the server does not answer. */
  readonly patienceMs?: number
  /** Gives the call up: it rejects with an AbortError. */
  readonly signal?: AbortSignal | undefined
  /** When the call may be repeated: `always` unless given. */
  readonly repeat?: Repeat
}

export interface Call extends CallOptions {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

export interface TransportOptions {
  readonly baseUrl: string
  readonly clock: Clock
  /** Tells the person that a call is being repeated. */
  readonly notice: (sentence: string) => void
}

/** Carries calls to the server, and repeats them while it does not answer, as after the death of a node. */
export class Transport {
  readonly baseUrl: string
  readonly #clock: Clock
  readonly #notice: (sentence: string) => void
  #clockOffsetMs = 0

  constructor(options: TransportOptions) {
    this.baseUrl = options.baseUrl
    this.#clock = options.clock
    this.#notice = options.notice
  }

  /** The present by the clock of the node that answered last, in milliseconds. */
  serverNowMs(): number {
    return Date.now() + this.#clockOffsetMs
  }

  /**
   * Makes the call until there is an answer other than "not now", and reads it. Throws a CommandFailure when there is
   * none within the call's patience; a last 502, 503 or 504 is an answer as any other.
   */
  async send<A>(call: Call, read: (response: Response) => Promise<A>): Promise<A> {
    let failedAtMs: number | undefined
    for (let failures = 1; ; failures += 1) {
      const { answer, fault, cause } = await this.#attempt(call, read)
      if (!fault) {
        if (failedAtMs !== undefined) this.#notice(`The server at ${this.baseUrl} answers again.`)
        return answer
      }
      const patienceMs = call.patienceMs ?? PATIENCE_MS
      const waitedMs = failedAtMs === undefined ? 0 : this.#clock.monotonicMs() - failedAtMs
      if (waitedMs >= patienceMs || !mayRepeat(call.repeat ?? 'always', fault))
        return this.#giveUp(fault, cause, answer)
      if (failedAtMs === undefined) {
        failedAtMs = this.#clock.monotonicMs()
        this.#notice(
          `The server at ${this.baseUrl} ${fault.what}; trying again for up to ${formatDuration(patienceMs)}.`,
        )
      }
      await this.#clock.sleep(retryDelayMs(failures), call.signal)
    }
  }

  #giveUp<A>(fault: Fault, cause: unknown, answer: A | undefined): A {
    if (answer !== undefined) return answer
    const hint = fault.unheard
      ? 'Check --url or TAKO_URL, and that a node runs there.'
      : 'Whether it acted on the request is not known; look before you repeat it.'
    throw new CommandFailure(EXIT.failed, `The server at ${this.baseUrl} ${fault.what}.`, { hint, cause })
  }

  async #attempt<A>(call: Call, read: (response: Response) => Promise<A>): Promise<Attempt<A>> {
    const limit = AbortSignal.timeout(ANSWER_LIMIT_MS + (call.holdMs ?? 0))
    try {
      const response = await fetch(this.baseUrl + call.path, {
        method: call.method,
        headers: call.headers,
        ...(call.body === undefined ? {} : { body: call.body }),
        // A redirection to another host would carry the API key there.
        redirect: 'manual',
        signal: call.signal ? AbortSignal.any([call.signal, limit]) : limit,
      })
      this.#readClock(response)
      const answer = await read(response)
      return { answer, fault: faultOfStatus(response.status) }
    } catch (cause) {
      call.signal?.throwIfAborted()
      if (cause instanceof CommandFailure) throw cause
      return { answer: undefined, fault: faultOfError(cause), cause }
    }
  }

  #readClock(response: Response): void {
    const offsetMs = Date.parse(response.headers.get('date') ?? '') - Date.now()
    if (Math.abs(offsetMs) > CLOCK_COARSENESS_MS) this.#clockOffsetMs = offsetMs
  }
}

type Attempt<A> =
  | { readonly answer: A; readonly fault: undefined; readonly cause?: undefined }
  | { readonly answer: A | undefined; readonly fault: Fault; readonly cause?: unknown }
