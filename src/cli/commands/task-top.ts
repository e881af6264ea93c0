import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { taskId, taskPath } from '../names.ts'
import { showTask, stateLine } from '../task-text.ts'
import type { TaskResource } from '../wire.ts'

export function declare(command: Command, cli: Cli): void {
  command.argument('<task>', 'id of the task: ServerTasks-12, or 12').action(async (text: string) => {
    const path = taskPath(taskId(text))
    await cli.api.post(`${path}/prioritize`)
    const task = await cli.api.get<TaskResource>(path)
    showTask(cli, task, task.State === 'Queued' ? `${task.Id} is at the top of the queue.` : stateLine(task))
  })
}
