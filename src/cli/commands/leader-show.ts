import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { showLeader } from '../leader-text.ts'
import type { LeadershipResource } from '../wire.ts'

export function declare(command: Command, cli: Cli): void {
  command.action(async () => showLeader(cli, await cli.api.get<LeadershipResource>('/api/leadership')))
}
