import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { taskId, taskPath } from '../names.ts'
import { outcomeLine, showTask, stateLine } from '../task-text.ts'
import type { TaskResource } from '../wire.ts'

export function declare(command: Command, cli: Cli): void {
  command.argument('<tasks...>', 'ids of the tasks: ServerTasks-12, or 12').action(async (texts: string[]) => {
    for (const id of texts.map(taskId)) {
      const task = await cli.api.post<TaskResource>(`${taskPath(id)}/cancel`)
      showTask(cli, task, task.IsCompleted ? outcomeLine(task, cli.api.nowMs()) : stateLine(task))
    }
  })
}
