import { usageFailure } from './exit-codes.ts'
import { askHidden, canAsk, readAll } from './prompt.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * Where a command gets passwords from: the environment variable when it is set, else the terminal, which does not show
 * them, else the lines of standard input, one for each password.
 */
export class PasswordInput {
  readonly #surroundings: Surroundings
  #lines: Promise<string[]> | undefined

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  async read(variable: string, question: string): Promise<string> {
    const password = this.#surroundings.env[variable] || (await this.#ask(question))
    if (password !== '') return password
    throw usageFailure('The password is empty.', `Write it, send it to standard input, or set ${variable}.`)
  }

  /** As `read`; on a terminal it has to be written twice. */
  async readNew(variable: string): Promise<string> {
    const password = await this.read(variable, 'New password: ')
    if (this.#surroundings.env[variable] || !canAsk(this.#surroundings)) return password
    if ((await this.#ask('The same again: ')) === password) return password
    throw usageFailure('The two passwords differ; nothing was changed.')
  }

  async #ask(question: string): Promise<string> {
    if (canAsk(this.#surroundings)) return await askHidden(this.#surroundings, question)
    this.#lines ??= readAll(this.#surroundings.stdin).then((text) => text.split(/\r?\n/))
    return (await this.#lines).shift() ?? ''
  }
}
