/** A setting or a surrounding that cannot work: printed as one sentence, the process exits 1 and need not be restarted. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError'
}

/** The lease, the database or the incarnation was lost in the middle of something that needs it. */
export class LeaseLostError extends Error {
  override name = 'LeaseLostError'
}

/** What went wrong in a request, in the words of the wire format's status codes. */
export type RefusalCode =
  | 'BadRequest'
  | 'Unauthenticated'
  | 'Forbidden'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'Conflict'
  | 'TooLarge'
  | 'TooManyRequests'
  | 'Unavailable'

/**
 * A request that is refused on purpose. `message` is a sentence for the person who asked: what is wrong, what state made
 * it so, and what to do. `errors` holds further sentences, one for each fault.
 */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly code: RefusalCode
  readonly errors: readonly string[]
  readonly details: Record<string, unknown> | undefined

  constructor(
    code: RefusalCode,
    message: string,
    more: { errors?: readonly string[]; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause })
    this.code = code
    this.errors = more.errors ?? []
    this.details = more.details
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** True for the error of an aborted wait, which is the normal way for a loop to end. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
