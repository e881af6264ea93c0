import type { Command } from 'commander'
import { systemClock } from '../lib/clock.ts'
import { chooseBaseUrl } from './base-url.ts'
import { ApiClient } from './client.ts'
import { type Credential, chooseCredential } from './credentials.ts'
import { EXIT } from './exit-codes.ts'
import { Screen } from './screen.ts'
import type { Surroundings } from './surroundings.ts'
import { Transport } from './transport.ts'
import { cliVersion } from './version.ts'

/** The options that every command takes. */
interface GlobalOptions {
  readonly url?: string
  readonly apiKey?: string
  readonly json?: boolean
}

/** One call of the program: what a command needs to do its work. */
export class Cli {
  readonly surroundings: Surroundings
  readonly screen: Screen
  readonly clock = systemClock
  /** What the program ends with when nothing is thrown. */
  exitCode: number = EXIT.done
  readonly #globals: () => GlobalOptions
  #api: ApiClient | undefined

  constructor(surroundings: Surroundings, program: Command) {
    this.surroundings = surroundings
    this.screen = new Screen(surroundings)
    this.#globals = () => program.opts<GlobalOptions>()
  }

  /** True when the answer is wanted as the API's JSON. */
  get json(): boolean {
    return this.#globals().json === true
  }

  get baseUrl(): string {
    return chooseBaseUrl(this.#globals().url, this.surroundings.env)
  }

  /** As whom the command speaks. */
  get credential(): Credential {
    return chooseCredential(this.#globals().apiKey, this.baseUrl, this.surroundings)
  }

  /** The server's API, as the user that the options, the environment or the saved login name. */
  get api(): ApiClient {
    this.#api ??= new ApiClient(this.transport(), this.credential, USER_AGENT)
    return this.#api
  }

  /** The way to the server, without being anybody. */
  transport(): Transport {
    this.surroundings.endWhenReaderGone()
    return new Transport({ baseUrl: this.baseUrl, clock: this.clock, notice: (sentence) => this.screen.warn(sentence) })
  }
}

/** How the CLI names itself to the server. */
export const USER_AGENT = `tako-cli/${cliVersion()} (node ${process.versions.node})`
