import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { usageFailure } from '../exit-codes.ts'
import { taskId } from '../names.ts'
import { concludeFollowing, followTask } from '../task-following.ts'
import { durationOption } from '../when.ts'
import type { TaskResource } from '../wire.ts'

export function declare(command: Command, cli: Cli): void {
  command
    .argument('<task>', 'id of the task: ServerTasks-12, or 12')
    .option('--follow', 'print the output of the new task until it has ended')
    .option(
      '--timeout <duration>',
      'with --follow: return after this time all the same, with exit code 3',
      durationOption,
    )
    .addHelpText('after', '\nPrints the id of the new task.')
    .action(async (text: string, { follow, timeout: timeoutMs }: { follow?: boolean; timeout?: number }) => {
      if (timeoutMs !== undefined && !follow) throw usageFailure('--timeout is about --follow, which is missing.')
      const task = await cli.api.post<TaskResource>(`/api/tasks/rerun/${taskId(text)}`)
      if (follow) {
        cli.screen.note(`${task.Id} is queued.`)
        concludeFollowing(cli, await followTask(cli, task.Id, { timeoutMs, json: cli.json }))
      } else if (cli.json) cli.screen.json(task)
      else cli.screen.line(task.Id)
    })
}
