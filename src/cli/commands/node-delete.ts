import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { nodeName, nodePath } from '../names.ts'

export function declare(command: Command, cli: Cli): void {
  command
    .argument('<node>', 'name or id of the node')
    .option('--forget', 'also forget its task cap and its drain, which a later node of that name would take over')
    .action(async (name: string, { forget }: { forget?: boolean }) => {
      await cli.api.delete(nodePath(name), { query: { forget } })
      if (cli.json) return cli.screen.json({})
      const kept = forget
        ? 'Nothing of it is kept'
        : 'A node that starts under its name takes over its task cap and drain'
      cli.screen.line(`${nodeName(name)} is deleted. ${kept}.`)
    })
}
