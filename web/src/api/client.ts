import { ApiError } from './api-error.ts'
import { mayRead, noteAnswer, noteAsked, noteSilence } from './connection.ts'
import { csrfToken } from './csrf.ts'
import { withQuery } from './query-text.ts'
import { sessionEnded, sessionHasEnded } from './session-end.ts'

/** Every node answers within 30 s, if only to say that it takes longer. */
const LONGEST_READ_MS = 40_000
const NOBODY = 'No node answers at present. Trying again.'

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export interface CallOptions {
  query?: Readonly<Record<string, unknown>>
  body?: unknown
  signal?: AbortSignal
  /** Makes a repeated POST answer with the first result. */
  idempotencyKey?: string
  /** What a 401 does: `ask` (by default) has the user sign in in place and then repeats the request; `throw` throws it. */
  on401?: 'ask' | 'throw'
  /** A GET that changes something: it shows the CSRF token. */
  changes?: boolean
  /** Its answer brings a new session in place of this one, which ends. */
  renewsSession?: boolean
}

/** The request under way that renews the session. */
let renewal: Promise<unknown> = Promise.resolve()

/** Reads from the API: `read('/tasks', { query: { take: 30 } })`. Throws `ApiError`. */
export function read<Answer>(path: string, options: CallOptions = {}): Promise<Answer> {
  return call<Answer>('GET', path, options)
}

/** Asks the API and answers with its body. Throws `ApiError` for anything but a success. `path` is below `/api`. */
export async function call<Answer>(method: Method, path: string, options: CallOptions = {}): Promise<Answer> {
  // What is asked while the sign-in dialog is open would only be refused.
  if (options.on401 !== 'throw' && sessionHasEnded.get()) await sessionEnded()
  const token = await csrfToken()
  const sent = send(method, path, options)
  if (options.renewsSession) renewal = sent.catch(() => {})
  const response = await sent
  if (response.status === 401 && options.on401 !== 'throw') {
    await renewal
    // Another token means another session: what was asked with the old one is asked again with the new one.
    if ((await csrfToken()) !== token) return await call<Answer>(method, path, options)
    await sessionEnded()
    return await call<Answer>(method, path, { ...options, on401: 'throw' })
  }
  if (!response.ok) throw await errorOf(response)
  return (await bodyOf(response)) as Answer
}

async function send(method: Method, path: string, options: CallOptions): Promise<Response> {
  const { query, body, signal, idempotencyKey, changes } = options
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (idempotencyKey !== undefined) headers['Idempotency-Key'] = idempotencyKey
  const isRead = method === 'GET' && !changes
  if (!isRead) headers['X-Octopus-Csrf-Token'] = await csrfToken()
  else if (!mayRead()) throw new ApiError(0, NOBODY)
  const hasEnded = noteAsked()
  const signals = [...(signal ? [signal] : []), ...(isRead ? [AbortSignal.timeout(LONGEST_READ_MS)] : [])]
  try {
    const response = await fetch(withQuery(`/api${path}`, query), {
      method,
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any(signals),
    })
    if (response.status === 502 || response.status === 503 || response.status === 504) noteSilence()
    else noteAnswer(response.headers)
    return response
  } catch (error) {
    if (signal?.aborted) throw error
    noteSilence()
    throw new ApiError(0, isRead ? NOBODY : 'No node answered. Look whether it was done before you repeat it.')
  } finally {
    hasEnded()
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text()
  if (text === '') return undefined
  return response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text
}

async function errorOf(response: Response): Promise<ApiError> {
  const body = await bodyOf(response).catch(() => undefined)
  const known = typeof body === 'object' && body !== null ? body : {}
  const sentence =
    'ErrorMessage' in known && typeof known.ErrorMessage === 'string'
      ? known.ErrorMessage
      : `The server answered with ${response.status}.`
  return new ApiError(response.status, sentence, {
    sentences: 'Errors' in known && Array.isArray(known.Errors) ? known.Errors.map(String) : [],
    details: 'Details' in known && typeof known.Details === 'object' && known.Details !== null ? known.Details : {},
  })
}
