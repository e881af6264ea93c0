import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { showQueue } from '../queue-text.ts'
import type { QueueResource } from '../wire.ts'

export function declare(command: Command, cli: Cli): void {
  command.action(async () => showQueue(cli, await cli.api.post<QueueResource>('/api/queue/resume')))
}
