import type { Topic } from './topics.ts'

/** What a confirm dialog says beside the server's sentence. */
export interface ConfirmWords {
  title: string
  /** On the button that goes on. */
  action: string
  isDangerous?: boolean
}

/** Something a user can do, for `useAction`. */
export interface Action<Input, Output> {
  /** Does it. `more` holds the fields that confirm what the server refused at first; `key` is the Idempotency-Key. */
  run(input: Input, more: Readonly<Record<string, true>>, key: string): Promise<Output>
  /** What the toast says; undefined for no toast. */
  done(input: Input, output: Output): string | undefined
  /** What is read again afterwards. */
  topics: readonly Topic[]
  /** The words of the dialog when the server wants a confirmation. */
  confirm?(input: Input): ConfirmWords
}
