import { CommandFailure, EXIT, type ExitCode } from './exit-codes.ts'

/** An answer of the server, read to its end. */
export interface Answer {
  readonly status: number
  readonly text: string
}

/** Reads an answer to its end. */
export async function readAnswer(response: Response): Promise<Answer> {
  return { status: response.status, text: await response.text() }
}

/** The error body of the wire format, as far as the CLI reads it. */
interface ErrorBody {
  readonly message: string | undefined
  readonly errors: readonly string[]
  /** The name of the request field that would lift the refusal. */
  readonly confirmation: string | undefined
}

/** The answer's JSON, taken to be of the type the API promises. Throws when it is none: then something other than Tako answered. */
export function jsonOf<T>(answer: Answer, baseUrl: string): T {
  try {
    return JSON.parse(answer.text || '{}')
  } catch (cause) {
    const hint = 'Check --url or TAKO_URL, and what stands between here and the server.'
    throw new CommandFailure(EXIT.failed, `What answers at ${baseUrl} is not a Tako server: its answer is not JSON.`, {
      hint,
      cause,
    })
  }
}

/** The failure that an answer of 300 or more means, in the server's own sentence where it gave one. */
export function failureOf(answer: Answer, baseUrl: string, unauthenticated: string): CommandFailure {
  const body = errorBodyOf(answer)
  if (answer.status < 400) {
    const hint = 'Give the address it leads to with --url.'
    return new CommandFailure(
      EXIT.failed,
      `${baseUrl} answers with a redirection (${answer.status}), which is not followed.`,
      { hint },
    )
  }
  const message = sentencesOf(body) || `${baseUrl} answered ${answer.status} without saying why.`
  const hint = hintOf(answer.status, body, unauthenticated)
  return new CommandFailure(exitCodeOf(answer.status, body), message, { hint, status: answer.status })
}

/** 400 is a wrong call, 401 and 403 a missing right, 409 with a confirmation to give a refusal, the rest a failure. */
function exitCodeOf(status: number, body: ErrorBody): ExitCode {
  if (status === 400) return EXIT.usage
  if (status === 401 || status === 403) return EXIT.refused
  return status === 409 && body.confirmation !== undefined ? EXIT.refused : EXIT.failed
}

function hintOf(status: number, body: ErrorBody, unauthenticated: string): string | undefined {
  if (status === 401) return unauthenticated
  return body.confirmation === undefined ? undefined : `To do it all the same, add ${flagOf(body.confirmation)}.`
}

/** `ConfirmLastNode` as the option that sets it: `--confirm-last-node`. */
export function flagOf(field: string): string {
  return `--${field.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase()}`
}

function sentencesOf(body: ErrorBody): string {
  const first = body.message?.trim() ?? ''
  const others = body.errors.filter((error) => !first.includes(error))
  return [first, ...others].filter((sentence) => sentence !== '').join(' ')
}

function errorBodyOf(answer: Answer): ErrorBody {
  const body = propertiesOf(parseQuietly(answer.text))
  const errors = Array.isArray(body.Errors) ? body.Errors.filter((error) => typeof error === 'string') : []
  const { Confirmation: confirmation } = propertiesOf(body.Details)
  return {
    message: typeof body.ErrorMessage === 'string' ? body.ErrorMessage : undefined,
    errors,
    confirmation: typeof confirmation === 'string' ? confirmation : undefined,
  }
}

function propertiesOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function parseQuietly(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
