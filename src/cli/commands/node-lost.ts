import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { nodeName, nodePath } from '../names.ts'
import { type PastMoment, sinceForApi, sinceOption } from '../since.ts'
import { localTime, timeAgo } from '../time-ago.ts'
import { wholeNumberOption } from '../whole-number-option.ts'
import type { LostTaskPage } from '../wire.ts'
import { count } from '../words.ts'

const COLUMNS = [
  { title: 'TASK' },
  { title: 'STATE' },
  { title: 'LOST' },
  { title: 'RUN AGAIN AS' },
  { title: 'KIND', shrinkTo: 8 },
  { title: 'DESCRIPTION', shrinkTo: 16 },
] as const

export function declare(command: Command, cli: Cli): void {
  command
    .argument('<node>', 'name or id of the node')
    .option('--since <when>', 'lost since then: 2h, 17:00, 2026-03-01T17:00Z (default: for a day)', sinceOption)
    .option('--take <number>', 'how many at most', wholeNumberOption, 100)
    .action(async (name: string, { since, take }: { since?: PastMoment; take: number }) => {
      const query = { take, since: since && sinceForApi(since, cli.api.nowMs()) }
      const page = await cli.api.get<LostTaskPage>(`${nodePath(name)}/lost-tasks`, { query })
      if (cli.json) cli.screen.json(page)
      else if (page.Items.length === 0)
        cli.screen.line(`${nodeName(name)} has lost no task since ${localTime(page.Since)}.`)
      else show(cli, nodeName(name), page)
    })
}

function show({ screen, api }: Cli, node: string, page: LostTaskPage): void {
  const nowMs = api.nowMs()
  screen.table(
    COLUMNS,
    page.Items.map((task) => [
      task.Id,
      task.State,
      timeAgo(task.CompletedTime, nowMs),
      task.RerunTaskId,
      task.Name,
      task.Description,
    ]),
  )
  screen.line()
  const left = page.Items.filter((task) => task.RerunTaskId === null).length
  const shown = page.Items.length < page.TotalResults ? `, the newest ${page.Items.length} of which are shown` : ''
  const advice = left > 0 ? ` 'tako node rerun-lost ${node}' runs again what has not been.` : ''
  screen.text([`${node} has lost ${count(page.TotalResults, 'task')} since ${localTime(page.Since)}${shown}.${advice}`])
}
