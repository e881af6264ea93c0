import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { switchJob } from '../job-switch.ts'

export function declare(command: Command, cli: Cli): void {
  command
    .argument('<job>', 'name of the job')
    .addHelpText('after', '\n"tako job run" still runs it.')
    .action((name: string) => switchJob(cli, name, 'stop'))
}
