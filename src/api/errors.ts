import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isAbort, LeaseLostError, messageOf, Refusal, type RefusalCode } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'

const STATUS: Record<RefusalCode, number> = {
  BadRequest: 400,
  Unauthenticated: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  Conflict: 409,
  TooLarge: 413,
  TooManyRequests: 429,
  Unavailable: 503,
}

/** The body of every answer that is not a success. */
interface ErrorBody {
  ErrorMessage: string
  /** The same, or each fault in a sentence. Never with a 404: a client takes its presence for another kind of error. */
  Errors?: readonly string[]
  Details?: Record<string, unknown>
}

export interface ErrorAnswer {
  status: number
  headers: Record<string, string>
  body: ErrorBody
}

/** Turns whatever a request ended with into its answer, and logs what is ours. The only place where errors become answers. */
export function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  context: { log: Log; node: string },
): FastifyReply {
  const answer = errorAnswer(error, (fault) => {
    const reference = randomBytes(5).toString('hex')
    const line = { err: error, reference, method: request.method, path: request.routeOptions.url ?? 'none' }
    context.log[fault === 'bug' ? 'error' : 'warn'](
      line,
      fault === 'bug' ? 'a request failed' : 'a request failed for want of the database',
    )
    return { reference, node: context.node }
  })
  return reply.code(answer.status).headers(answer.headers).send(answer.body)
}

/** Notes what is not the caller's fault, and tells where it was noted. */
type Report = (fault: 'bug' | 'database') => { reference: string; node: string }

/** The answer for an error. `report` is called for faults that are not the caller's. */
export function errorAnswer(error: unknown, report: Report): ErrorAnswer {
  if (error instanceof Refusal) return refusalAnswer(error)
  if (error instanceof LeaseLostError) return plain(503, asSentence(error), { 'retry-after': '2' })
  if (isAbort(error)) return plain(503, 'This was given up before it was done.', { 'retry-after': '2' })
  const status = statusOfFramework(error)
  if (status !== undefined) return plain(status, sentenceOfFramework(status, error))
  if (isDatabaseAway(error)) {
    report('database')
    return plain(
      503,
      'The database does not answer right now, so this cannot be done. Nothing is lost: try again in a moment.',
      { 'retry-after': '2' },
    )
  }
  const { reference, node } = report('bug')
  const sentence = `Something went wrong inside the server. The log of the node ${node} tells more under the reference ${reference}.`
  return { status: 500, headers: {}, body: { ErrorMessage: sentence, Details: { Reference: reference } } }
}

function refusalAnswer(refusal: Refusal): ErrorAnswer {
  const { code, message, errors, details } = refusal
  const wantsErrors = code !== 'NotFound' && (errors.length > 0 || code === 'BadRequest' || code === 'Conflict')
  const seconds = details?.RetryAfterSeconds ?? (code === 'Unavailable' || code === 'TooManyRequests' ? 2 : undefined)
  return {
    status: STATUS[code],
    headers: {
      ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }),
      ...(code === 'Unauthenticated' ? { 'www-authenticate': 'Bearer realm="Tako"' } : {}),
      ...(typeof details?.Allow === 'string' ? { allow: details.Allow } : {}),
    },
    body: {
      ErrorMessage: message,
      ...(wantsErrors ? { Errors: errors.length > 0 ? errors : [message] } : {}),
      ...(details ? { Details: details } : {}),
    },
  }
}

function plain(status: number, sentence: string, headers: Record<string, string> = {}): ErrorAnswer {
  return { status, headers, body: { ErrorMessage: sentence, ...(status === 400 ? { Errors: [sentence] } : {}) } }
}

/** The status of what the web framework refuses by itself, such as a body over the limit; undefined for any other error. */
function statusOfFramework(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined
  return status !== undefined && status >= 400 && status < 500 ? status : undefined
}

const FRAMEWORK_SENTENCES: Record<number, string> = {
  400: 'The request cannot be read: its path or its body is damaged.',
  404: 'There is nothing here.',
  413: 'The body is larger than this operation reads.',
  414: 'A part of the path is longer than any name.',
  415: 'Send the body as JSON.',
}

function sentenceOfFramework(status: number, error: unknown): string {
  return FRAMEWORK_SENTENCES[status] ?? asSentence(error)
}

function asSentence(error: unknown): string {
  return messageOf(error).replace(/[^.!?]$/, '$&.')
}

/** What the database driver, the operating system and PostgreSQL call a database that cannot be reached or used at present. */
const AWAY =
  /^(CONNECT_TIMEOUT|CONNECTION_(CLOSED|ENDED|DESTROYED)|ECONN(REFUSED|RESET|ABORTED)|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT|08\w{3}|57P0[1-5]|57014|53\w{3}|25006|25P03|40001|40P01|55P03)$/

/** True for the error of a database that cannot be reached, is starting or stopping, only reads, or keeps others waiting too long. */
function isDatabaseAway(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway)
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && AWAY.test(error.code)
}
