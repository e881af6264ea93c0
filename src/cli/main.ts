import { Command, CommanderError } from 'commander'
import { isAbort, messageOf } from '../lib/errors.ts'
import { Cli } from './cli.ts'
import { CommandFailure, EXIT, type ExitCode } from './exit-codes.ts'
import { buildProgram } from './program.ts'
import { processSurroundings, type Surroundings } from './surroundings.ts'
import { usageFailureOf } from './usage.ts'

/** Runs the command that the words name and resolves to its exit code (exit-codes.ts); never rejects. */
export async function runCli(argv: string[], surroundings: Surroundings = processSurroundings()): Promise<number> {
  const program = new Command('tako')
  const cli = new Cli(surroundings, program)
  const current = buildProgram(program, cli)
  try {
    await program.parseAsync(withHelpLast(argv), { from: 'user' })
    return cli.exitCode
  } catch (error) {
    return report(error, cli, current())
  }
}

/** `tako help node drain` as `tako node drain --help`. */
function withHelpLast(argv: string[]): string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv
}

function report(error: unknown, cli: Cli, current: Command): ExitCode {
  if (error instanceof CommanderError) {
    if (error.code === 'commander.helpDisplayed' || error.code === 'commander.version') return EXIT.done
    // A group, or the program, without a command: its help has been shown.
    return error.code === 'commander.help' ? EXIT.usage : tell(usageFailureOf(error, current), cli)
  }
  if (error instanceof CommandFailure) return tell(error, cli)
  if (isAbort(error)) return EXIT.interrupted
  const trace = error instanceof Error && cli.surroundings.env.TAKO_TRACE ? error.stack : undefined
  return tell(new CommandFailure(EXIT.failed, messageOf(error), { hint: trace }), cli)
}

function tell(failure: CommandFailure, cli: Cli): ExitCode {
  cli.screen.warn(failure.message)
  if (failure.hint) cli.screen.note(failure.hint)
  return failure.exitCode
}
