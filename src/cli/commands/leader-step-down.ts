import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { showLeader } from '../leader-text.ts'
import type { LeadershipResource } from '../wire.ts'

export function declare(command: Command, cli: Cli): void {
  command.option('--reason <text>', 'why, for the audit trail').action(async ({ reason }: { reason?: string }) => {
    const leadership = await cli.api.post<LeadershipResource>('/api/leadership/step-down', { Reason: reason })
    if (!cli.json && !leadership.NodeName)
      return cli.screen.line('The leader has stepped down; another node is being elected.')
    showLeader(cli, leadership)
  })
}
