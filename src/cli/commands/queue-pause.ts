import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { showQueue } from '../queue-text.ts'
import type { QueueResource } from '../wire.ts'

export function declare(command: Command, cli: Cli): void {
  command
    .option('--reason <text>', 'why, for everybody who looks')
    .addHelpText('after', '\nWhat runs goes on, and pings stay 200.')
    .action(async ({ reason }: { reason?: string }) =>
      showQueue(cli, await cli.api.post<QueueResource>('/api/queue/pause', { Reason: reason })),
    )
}
