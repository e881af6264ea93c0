import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { wholeNumberOption } from '../whole-number-option.ts'

interface UpOptions {
  readonly nodes: number
  readonly port: number
  readonly dataDir: string
  readonly host?: string
}

const NOTES = `
Starts PostgreSQL, the nodes node-a, node-b, ... on the ports after --port, and one
address in front of them. Ctrl-C stops everything in order; the data stays.`

export function declare(command: Command, cli: Cli): void {
  command
    .option('--nodes <number>', 'how many nodes', wholeNumberOption, 3)
    .option('--port <number>', 'port of the address in front of the nodes', wholeNumberOption, 8080)
    .option('--data-dir <folder>', 'where database, logs and the first password are kept', '.tako')
    .option('--host <address>', 'where that address listens (default: localhost)')
    .addHelpText('after', NOTES)
    .action(async (options: UpOptions) => {
      const { runUp } = await import('../../up/up.ts')
      cli.exitCode = await runUp(options)
    })
}
