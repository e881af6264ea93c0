import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { nodePath } from '../names.ts'
import type { NodeResource } from '../wire.ts'

export function declare(command: Command, cli: Cli): void {
  command.argument('<node>', 'name or id of the node').action(async (name: string) => {
    const node = await cli.api.post<NodeResource>(`${nodePath(name)}/undrain`)
    if (cli.json) return cli.screen.json(node)
    const takes = node.IsOffline ? 'is offline; it takes tasks again once it is back' : 'takes tasks again'
    cli.screen.line(`${node.Name} ${takes} (task cap ${node.MaxConcurrentTasks}).`)
  })
}
