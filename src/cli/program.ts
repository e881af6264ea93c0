import type { Command } from 'commander'
import { CATALOGUE, type CommandEntry } from './catalogue.ts'
import type { Cli } from './cli.ts'
import { cliVersion } from './version.ts'

/** Puts all commands of the catalogue under the program; returns a function that tells which one was called. */
export function buildProgram(program: Command, cli: Cli): () => Command {
  setUp(program, cli)
  let current = program
  const entries = new Map<Command, CommandEntry>()
  const declareCalled = async (_: Command, called: Command) => {
    current = called
    const module = await entries.get(called)?.load()
    module?.declare(called, cli)
  }
  const add = (parent: Command, name: string, summary: string) =>
    parent.command(name).summary(summary).description(`${summary}.`).helpCommand(false)
  program.hook('preSubcommand', declareCalled)
  for (const [name, entry] of Object.entries(CATALOGUE)) {
    const command = add(program, name, entry.summary)
    if ('load' in entry) entries.set(command, entry)
    else {
      command.hook('preSubcommand', declareCalled)
      for (const [child, under] of Object.entries(entry.commands))
        entries.set(add(command, child, under.summary), under)
    }
  }
  return () => current
}

function setUp(program: Command, { surroundings }: Cli): void {
  const { stdout, stderr } = surroundings
  program
    .description('Tako, a highly available automation server. These commands talk to its HTTP API.')
    .option('--url <address>', 'the server (TAKO_URL; default http://localhost:8080)')
    .option('--api-key <key>', 'an API key (better in TAKO_API_KEY, which is not seen by others)')
    .option('--json', 'print what the API answered, as JSON')
    .version(cliVersion(), '--version', 'print the version of this program')
    .helpOption('-h, --help', 'show this')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true, helpWidth: Math.min(100, Math.max(60, stdout.columns ?? 80)) })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      // Faults are told in one place, for all of their kinds (main.ts).
      outputError: () => {},
    })
    .exitOverride()
}
