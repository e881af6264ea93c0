import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { nodePath } from '../names.ts'
import { wholeNumberOption } from '../whole-number-option.ts'
import type { NodeResource } from '../wire.ts'
import { count } from '../words.ts'

export function declare(command: Command, cli: Cli): void {
  command
    .argument('<node>', 'name or id of the node')
    .argument(
      '<tasks>',
      'the most tasks it runs at once; 0 makes it a node for console and API only',
      wholeNumberOption,
    )
    .action(async (name: string, cap: number) => {
      const node = await cli.api.put<NodeResource>(nodePath(name), { MaxConcurrentTasks: cap })
      if (cli.json) return cli.screen.json(node)
      const excess = node.RunningTaskCount - node.MaxConcurrentTasks
      const note = excess > 0 ? ` It still runs ${node.RunningTaskCount}, which go on to their end.` : ''
      cli.screen.line(`${node.Name} runs at most ${count(node.MaxConcurrentTasks, 'task')} at once.${note}`)
    })
}
