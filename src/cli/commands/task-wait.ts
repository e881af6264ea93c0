import type { Command } from 'commander'
import { SECOND } from '../../lib/clock.ts'
import type { Cli } from '../cli.ts'
import { Deadline } from '../deadline.ts'
import { CommandFailure, EXIT } from '../exit-codes.ts'
import { taskId } from '../names.ts'
import { outcomeLine, stateLine } from '../task-text.ts'
import type { CallOptions } from '../transport.ts'
import { durationOption } from '../when.ts'
import type { TaskPage, TaskResource } from '../wire.ts'
import { count } from '../words.ts'

const POLL_MS = SECOND
/** The most ids in one question. */
const BATCH = 100

export function declare(command: Command, cli: Cli): void {
  command
    .argument('<tasks...>', 'ids of the tasks: ServerTasks-12, or 12')
    .option('--timeout <duration>', 'return after this time all the same, with exit code 3', durationOption)
    .action((texts: string[], { timeout }: { timeout?: number }) => wait(cli, [...new Set(texts.map(taskId))], timeout))
}

async function wait(cli: Cli, ids: readonly string[], timeoutMs: number | undefined): Promise<void> {
  const deadline = new Deadline(cli.clock, timeoutMs)
  const told = new Map<string, string>()
  let tasks: readonly TaskResource[] = []
  for (;;) {
    tasks = await deadline.within(
      (call) => readTasks(cli, ids, call),
      () => unfinished(tasks, ids),
    )
    for (const task of tasks) tell(cli, task, told)
    if (tasks.every((task) => task.IsCompleted)) break
    await cli.clock.sleep(Math.min(POLL_MS, deadline.remainingMs))
  }
  if (cli.json) cli.screen.json(tasks)
  if (tasks.some((task) => !task.FinishedSuccessfully)) cli.exitCode = EXIT.failed
}

async function readTasks({ api }: Cli, ids: readonly string[], call: CallOptions): Promise<TaskResource[]> {
  const found = new Map<string, TaskResource>()
  for (let at = 0; at < ids.length; at += BATCH) {
    const page = await api.get<TaskPage>('/api/tasks', {
      ...call,
      query: { ids: ids.slice(at, at + BATCH), take: BATCH },
    })
    for (const task of page.Items) found.set(task.Id, task)
  }
  return ids.map((id) => {
    const task = found.get(id)
    if (!task) throw new CommandFailure(EXIT.failed, `There is no task ${id}.`)
    return task
  })
}

/** An end goes to standard output, what happens before to standard error. */
function tell({ screen, api, json }: Cli, task: TaskResource, told: Map<string, string>): void {
  const line = task.IsCompleted ? outcomeLine(task, api.nowMs()) : stateLine(task)
  if (told.get(task.Id) === line) return
  told.set(task.Id, line)
  if (task.IsCompleted && !json) screen.line(line)
  else screen.note(line)
}

function unfinished(tasks: readonly TaskResource[], ids: readonly string[]): string {
  const left = tasks.length === 0 ? ids : tasks.filter((task) => !task.IsCompleted).map((task) => task.Id)
  return `${left.slice(0, 5).join(', ')}${left.length > 5 ? ` and ${count(left.length - 5, 'other')}` : ''} ${left.length === 1 ? 'has' : 'have'} not ended.`
}
