import type { Command } from 'commander'
import { SECOND } from '../../lib/clock.ts'
import type { Cli } from '../cli.ts'
import { EXIT } from '../exit-codes.ts'
import { actOnJob } from '../job-switch.ts'
import { taskPath } from '../names.ts'
import { outcomeLine, showTask, stateLine } from '../task-text.ts'
import type { TaskResource } from '../wire.ts'

/** The server holds its answer for so long when the task has not ended before. */
const HOLD_MS = 20 * SECOND

const NOTES = `
Waits for the end of its task, for at most 20 seconds. The exit code is 1 when it ended
other than Success.`

export function declare(command: Command, cli: Cli): void {
  command
    .argument('<job>', 'name of the job')
    .addHelpText('after', NOTES)
    .action(async (name: string) => {
      const sentence = await actOnJob(cli, name, 'trigger', HOLD_MS)
      const [id] = /ServerTasks-\d+/.exec(sentence) ?? []
      if (id === undefined) return cli.screen.text([sentence])
      const task = await cli.api.get<TaskResource>(taskPath(id))
      showTask(cli, task, task.IsCompleted ? outcomeLine(task, cli.api.nowMs()) : stateLine(task))
      if (task.IsCompleted && !task.FinishedSuccessfully) cli.exitCode = EXIT.failed
    })
}
