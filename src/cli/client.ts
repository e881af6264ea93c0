import { type Answer, failureOf, jsonOf, readAnswer } from './answer.ts'
import type { Credential } from './credentials.ts'
import { Identity } from './identity.ts'
import { type Query, queryString } from './query.ts'
import type { Call, CallOptions, Transport } from './transport.ts'

export interface RequestOptions extends CallOptions {
  readonly query?: Query
}

/**
 * The server's HTTP API as one user. Every POST carries an idempotency key, so that it may be repeated like a call that
 * reads. What cannot be had is a CommandFailure with its exit code. The types of answers are the API's promise
 * (docs/api.md) and are not checked again.
 */
export class ApiClient {
  readonly #transport: Transport
  readonly #identity: Identity
  readonly #userAgent: string

  constructor(transport: Transport, credential: Credential, userAgent: string) {
    this.#transport = transport
    this.#identity = new Identity(transport, credential)
    this.#userAgent = userAgent
  }

  get baseUrl(): string {
    return this.#transport.baseUrl
  }

  /** The present by the server's clock, in milliseconds, as far as its answers have told it. */
  nowMs(): number {
    return this.#transport.serverNowMs()
  }

  get<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return this.#request('GET', path, undefined, options)
  }

  post<T>(path: string, body: unknown = {}, options: RequestOptions = {}): Promise<T> {
    return this.#request('POST', path, body, options)
  }

  /** PUT sets what it sets, however often. */
  put<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
    return this.#request('PUT', path, body, options)
  }

  delete<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return this.#request('DELETE', path, undefined, { repeat: 'unheard', ...options })
  }

  /** The body of an answer as it arrives, for what is too long to hold. */
  async stream(path: string): Promise<ReadableStream<Uint8Array>> {
    const answer = await this.#send('GET', path, undefined, {}, async (response) =>
      response.ok && response.body
        ? { status: response.status, text: '', body: response.body }
        : { ...(await readAnswer(response)), body: undefined },
    )
    if (answer.body) return answer.body
    throw failureOf(answer, this.baseUrl, this.#identity.advice)
  }

  /** The answer's body as text, for the few routes that do not answer JSON. */
  async text(path: string, options: RequestOptions = {}): Promise<string> {
    return (await this.#answer('GET', path, undefined, options)).text
  }

  async #request<T>(method: string, path: string, body: unknown, options: RequestOptions): Promise<T> {
    return jsonOf(await this.#answer(method, path, body, options), this.baseUrl)
  }

  async #answer(method: string, path: string, body: unknown, options: RequestOptions): Promise<Answer> {
    const answer = await this.#send(method, path, body, options, readAnswer)
    if (answer.status < 300) return answer
    throw failureOf(answer, this.baseUrl, this.#identity.advice)
  }

  /** A session that an earlier command opened may have ended: then once more with a new one. */
  async #send<A extends Answer>(
    method: string,
    path: string,
    body: unknown,
    options: RequestOptions,
    read: (response: Response) => Promise<A>,
  ): Promise<A> {
    const request = { method, path: path + queryString(options.query), body, key: crypto.randomUUID() }
    const answer = await this.#transport.send(await this.#call(request, options), read)
    if (answer.status !== 401 || !this.#identity.renew()) return answer
    return await this.#transport.send(await this.#call(request, options), read)
  }

  async #call({ method, path, body, key }: Request, options: RequestOptions): Promise<Call> {
    const headers = {
      accept: 'application/json',
      'user-agent': this.#userAgent,
      ...(await this.#identity.headers(options)),
      ...(method === 'POST' ? { 'idempotency-key': key } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    return { ...options, method, path, headers, body: body === undefined ? undefined : JSON.stringify(body) }
  }
}

interface Request {
  readonly method: string
  readonly path: string
  readonly body: unknown
  readonly key: string
}
