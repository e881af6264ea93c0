/** Why an attempt at a call brought no usable answer, and whether the server may have acted on it. */
export interface Fault {
  /** In words that follow "the server", such as `refused the connection`. */
  readonly what: string
  /** The call certainly had no effect: it never reached a node, or was turned away unheard. */
  readonly unheard: boolean
  /** It may pass by itself. A name that does not exist or a certificate nobody knows does not. */
  readonly passing: boolean
}

const CODES: Readonly<Record<string, Fault>> = {
  ECONNREFUSED: { what: 'refused the connection', unheard: true, passing: true },
  EHOSTUNREACH: { what: 'cannot be reached', unheard: true, passing: true },
  ENETUNREACH: { what: 'cannot be reached', unheard: true, passing: true },
  UND_ERR_CONNECT_TIMEOUT: { what: 'did not answer in time', unheard: true, passing: true },
  EAI_AGAIN: { what: 'cannot be found: the name service does not answer', unheard: true, passing: true },
  ENOTFOUND: { what: 'cannot be found: there is no such host', unheard: true, passing: false },
  ECONNRESET: { what: 'dropped the connection', unheard: false, passing: true },
  EPIPE: { what: 'dropped the connection', unheard: false, passing: true },
  UND_ERR_SOCKET: { what: 'dropped the connection', unheard: false, passing: true },
  UND_ERR_HEADERS_TIMEOUT: { what: 'did not answer in time', unheard: false, passing: true },
  UND_ERR_BODY_TIMEOUT: { what: 'stopped in the middle of its answer', unheard: false, passing: true },
}

/** What a thrown error of `fetch`, or of reading its answer, means. */
export function faultOfError(error: unknown): Fault {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return { what: 'did not answer in time', unheard: false, passing: true }
  }
  const code = codeOf(error) ?? codeOf(error instanceof Error ? error.cause : undefined)
  const known = code === undefined ? undefined : CODES[code]
  if (known) return known
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined
  const message = cause ?? (error instanceof Error ? error.message : String(error))
  return { what: `could not be asked (${code ?? message})`, unheard: false, passing: false }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** What a status means that a balancer or a node gives when it cannot serve just now; undefined for every other status. */
export function faultOfStatus(status: number): Fault | undefined {
  if (status === 503) return { what: 'is not ready (503)', unheard: false, passing: true }
  if (status === 502 || status === 504) {
    return { what: `cannot be reached through its balancer (${status})`, unheard: false, passing: true }
  }
  return undefined
}

/** How a call may be repeated: always (it reads, or carries an idempotency key), or only when it was certainly not heard. */
export type Repeat = 'always' | 'unheard'

/** True when the call may be made again after this fault. */
export function mayRepeat(repeat: Repeat, fault: Fault): boolean {
  return fault.passing && (repeat === 'always' || fault.unheard)
}

/** The wait before the next try: 0.1 s at first, doubling to at most 1 s. */
export function retryDelayMs(failures: number): number {
  return Math.min(1000, 100 * 2 ** (failures - 1))
}
