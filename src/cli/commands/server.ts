import type { Command } from 'commander'
import type { Cli } from '../cli.ts'

/** A node declares its options, and its `--help`, itself: all words go there unread. */
export function declare(command: Command, cli: Cli): void {
  command
    .allowUnknownOption()
    .allowExcessArguments()
    .helpOption(false)
    .action(async (_: unknown, called: Command) => {
      const { runServer } = await import('../../server/run.ts')
      cli.exitCode = await runServer(called.args)
    })
}
