/** What a command's exit code tells the script that called it. */
export const EXIT = {
  done: 0,
  /** It failed, or the task waited for ended other than Success. */
  failed: 1,
  usage: 2,
  /** The command's own `--timeout` ran out; what it waited for goes on. */
  timeout: 3,
  /** A right is missing, or a confirmation. */
  refused: 4,
  /** Ctrl-C, as shells count it; what was followed goes on. */
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Ends the command with a sentence for the person who typed it, and perhaps a hint on what to do next. */
export class CommandFailure extends Error {
  override name = 'CommandFailure'
  readonly exitCode: ExitCode
  readonly hint: string | undefined
  /** The status of the server's answer that it tells of, if any. */
  readonly status: number | undefined

  constructor(
    exitCode: ExitCode,
    message: string,
    more: { hint?: string | undefined; status?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause })
    this.exitCode = exitCode
    this.hint = more.hint
    this.status = more.status
  }
}

/** A wrong way to call a command: exit 2. */
export function usageFailure(message: string, hint?: string): CommandFailure {
  return new CommandFailure(EXIT.usage, message, { hint })
}
