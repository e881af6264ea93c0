/** An answer that is not a success, or none at all (`status` 0). `message` is the server's sentence. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number
  readonly sentences: readonly string[]
  readonly details: Readonly<Record<string, unknown>>

  constructor(status: number, message: string, more: { sentences?: readonly string[]; details?: object } = {}) {
    super(message)
    this.status = status
    this.sentences = more.sentences ?? []
    this.details = { ...more.details }
  }

  /** Nothing answered, or only somebody on the way to the server: worth trying again. */
  get isDisconnected(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504
  }

  /** The field of the request that would lift this refusal; undefined when none would. */
  get confirmation(): string | undefined {
    const { Confirmation: field } = this.details
    return this.status === 409 && typeof field === 'string' ? field : undefined
  }

  /** The permission that is missing; undefined when the refusal has another reason. */
  get missingPermission(): string | undefined {
    const { MissingPermission: permission } = this.details
    return typeof permission === 'string' ? permission : undefined
  }
}

/** The sentence to show for whatever was thrown. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ApiError) return error.message
  return error instanceof Error ? `The console failed: ${error.message}` : 'The console failed.'
}

/** True for an error that a moment later may be gone. */
export function isDisconnected(error: unknown): boolean {
  return error instanceof ApiError && error.isDisconnected
}
