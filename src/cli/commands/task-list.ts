import { type Command, InvalidArgumentError } from 'commander'
import type { Cli } from '../cli.ts'
import { TASK_COLUMNS, taskRow, WAITING_COLUMNS, waitingLines, waitingRow } from '../task-text.ts'
import { wholeNumberOption } from '../whole-number-option.ts'
import type { TaskPage, TaskResource } from '../wire.ts'
import { count } from '../words.ts'

const STATES = ['Queued', 'Executing', 'Cancelling', 'Success', 'Failed', 'Canceled', 'TimedOut']

interface ListOptions {
  readonly state?: string[]
  readonly node?: string
  readonly kind?: string
  readonly running?: boolean
  readonly active?: boolean
  readonly text?: string
  readonly take: number
}

export function declare(command: Command, cli: Cli): void {
  command
    .option('--state <states>', `only these states, joined by commas: ${STATES.join(', ')}`, statesOption)
    .option('--node <node>', 'only tasks of this node')
    .option('--kind <kinds>', 'only these kinds, joined by commas')
    .option('--running', 'only tasks that run')
    .option('--active', 'only tasks that have not ended')
    .option('--text <text>', 'only tasks whose description contains this')
    .option('--take <number>', 'how many at most', wholeNumberOption, 30)
    .action((options: ListOptions) => list(cli, options))
}

async function list(cli: Cli, options: ListOptions): Promise<void> {
  const query = {
    states: options.state,
    node: options.node,
    name: options.kind,
    running: options.running,
    active: options.active,
    description: options.text,
    take: options.take,
  }
  const page = await cli.api.get<TaskPage>('/api/tasks', { query })
  if (cli.json) return cli.screen.json(page)
  if (page.Items.length === 0) return cli.screen.line('No tasks.')
  showRows(cli, page.Items)
  cli.screen.line()
  const total = count(page.TotalResults, 'task')
  const shown = page.Items.length < page.TotalResults ? `The newest ${page.Items.length} of ${total}` : total
  cli.screen.text([`${shown}${countsText(page.TotalCounts)}.`])
}

/** A list of waiting tasks has room to say in each line why; any other says it below. */
function showRows({ screen, api }: Cli, tasks: readonly TaskResource[]): void {
  const nowMs = api.nowMs()
  if (tasks.every((task) => task.State === 'Queued')) {
    screen.table(
      WAITING_COLUMNS,
      tasks.map((task) => waitingRow(task, nowMs)),
    )
    return
  }
  screen.table(
    TASK_COLUMNS,
    tasks.map((task) => taskRow(task, nowMs)),
  )
  const waiting = waitingLines(tasks)
  if (waiting.length > 0) screen.text(['', ...waiting])
}

function countsText(counts: Readonly<Record<string, number>>): string {
  const parts = STATES.filter((state) => (counts[state] ?? 0) > 0).map(
    (state) => `${counts[state]?.toLocaleString('en-US')} ${state}`,
  )
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`
}

function statesOption(text: string): string[] {
  return text.split(',').map((word) => {
    const state = STATES.find((known) => known.toLowerCase() === word.trim().toLowerCase())
    if (!state) throw new InvalidArgumentError(`The states are ${STATES.join(', ')}.`)
    return state
  })
}
