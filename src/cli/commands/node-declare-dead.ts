import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { CommandFailure, EXIT } from '../exit-codes.ts'
import { nodeName, nodePath } from '../names.ts'
import { ask, canAsk } from '../prompt.ts'
import { runningTasks } from '../running-tasks.ts'
import type { NodeResource } from '../wire.ts'
import { count } from '../words.ts'

const WARNING = `
Only for a node that is certainly off: its machine has no power, or its process is
gone. Its tasks are settled at once, and those that may be run again start on other
nodes. If it still ran, they would run twice.`

export function declare(command: Command, cli: Cli): void {
  command
    .argument('<node>', 'name or id of the node')
    .option('--confirm <name>', 'the name of the node once more, in place of the question')
    .addHelpText('after', WARNING)
    .action(async (name: string, options: { confirm?: string }) => {
      const confirm = options.confirm ?? (await askForName(cli, name))
      const node = await cli.api.post<NodeResource>(`${nodePath(name)}/declare-dead`, { Confirm: confirm })
      if (cli.json) cli.screen.json(node)
      else cli.screen.line(`${node.Name} is declared dead; its tasks are being settled.`)
    })
}

/** Shows what would be settled, and lets the person write the name of the node. */
async function askForName(cli: Cli, name: string): Promise<string> {
  const wanted = nodeName(name)
  if (!canAsk(cli.surroundings)) {
    throw new CommandFailure(EXIT.refused, `That ${wanted} is dead has to be confirmed.`, {
      hint: `Add --confirm ${wanted}.`,
    })
  }
  const node = await cli.api.get<NodeResource>(nodePath(name))
  const running = await runningTasks(cli.api, node.Id)
  cli.screen.warn(
    `${node.Name} is ${node.Status.toLowerCase()} and holds ${count(running.length, 'task')}, which would be settled:`,
  )
  for (const task of running) cli.screen.note(`  ${task.Id}  ${task.Name}  ${task.Description}`)
  const written = await ask(cli.surroundings, `If it is certainly off, write its name (${node.Name}): `)
  if (written.trim().toLowerCase() === wanted) return wanted
  throw new CommandFailure(EXIT.refused, 'Not confirmed; nothing was changed.')
}
