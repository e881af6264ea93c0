import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { taskId, taskPath } from '../names.ts'
import { outcomeLine, showTask } from '../task-text.ts'
import type { TaskResource } from '../wire.ts'

export function declare(command: Command, cli: Cli): void {
  command
    .argument('<task>', 'id of the task: ServerTasks-12, or 12')
    .addHelpText('after', '\nFor a task that has been in Cancelling for so long that nothing else will end it.')
    .action(async (text: string) => {
      const task = await cli.api.post<TaskResource>(`${taskPath(taskId(text))}/abandon`)
      showTask(cli, task, outcomeLine(task, cli.api.nowMs()))
    })
}
