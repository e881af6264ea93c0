import { adviceFor, type Credential } from './credentials.ts'
import { keepSession, readKeptSession, type SessionHeaders } from './kept-session.ts'
import { openSession } from './session.ts'
import type { CallOptions, Transport } from './transport.ts'

/** Shows the server as whom the calls are made. */
export class Identity {
  readonly #transport: Transport
  readonly #credential: Credential
  #headers: Promise<SessionHeaders> | undefined
  /** The headers are those of a session that an earlier command opened. */
  #isKept = false
  #mayUseKept = true

  constructor(transport: Transport, credential: Credential) {
    this.#transport = transport
    this.#credential = credential
  }

  /** What to do when the server does not accept this. */
  get advice(): string {
    return adviceFor(this.#credential, this.#transport.baseUrl)
  }

  /** The headers for a call; a password is turned into a session first. */
  headers(options: CallOptions): Promise<SessionHeaders> {
    this.#headers ??= this.#find(options)
    return this.#headers
  }

  /** After the server did not accept the headers: true when they came from an earlier command and there will be new ones. */
  renew(): boolean {
    if (!this.#isKept) return false
    this.#isKept = false
    this.#mayUseKept = false
    this.#headers = undefined
    return true
  }

  async #find(options: CallOptions): Promise<SessionHeaders> {
    const credential = this.#credential
    if (credential.kind === 'none') return {}
    if (credential.kind === 'session') return credential.headers
    if (credential.kind === 'key') return { 'x-octopus-apikey': credential.apiKey }
    const { folder, username, password } = credential
    const kept = this.#mayUseKept ? readKeptSession(folder, this.#transport.baseUrl) : undefined
    if (kept) {
      this.#isKept = true
      return kept
    }
    const { headers } = await openSession(this.#transport, { username, password, advice: this.advice }, options)
    keepSession(folder, this.#transport.baseUrl, headers)
    return headers
  }
}
