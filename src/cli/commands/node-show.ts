import type { Command } from 'commander'
import { formatDuration } from '../../lib/duration.ts'
import type { Cli } from '../cli.ts'
import { colourOf } from '../colour.ts'
import { nodePath } from '../names.ts'
import { drainText, rankOf, warningsOf } from '../node-text.ts'
import { runningTasks } from '../running-tasks.ts'
import type { Cell } from '../table.ts'
import { localTimeAndAgo, timeSince } from '../time-ago.ts'
import type { NodeFitness, NodeResource, TaskResource } from '../wire.ts'

const RUNNING_COLUMNS = [
  { title: 'TASK' },
  { title: 'KIND', shrinkTo: 8 },
  { title: 'STATE' },
  { title: 'SINCE', align: 'right' },
  { title: 'DESCRIPTION', shrinkTo: 16 },
] as const

export function declare(command: Command, cli: Cli): void {
  command.argument('<node>', 'name or id of the node').action(async (name: string) => {
    const node = await cli.api.get<NodeResource>(nodePath(name))
    if (cli.json) return cli.screen.json(node)
    const running = node.RunningTaskCount > 0 ? await runningTasks(cli.api, node.Id) : []
    show(node, running, cli)
  })
}

function show(node: NodeResource, running: readonly TaskResource[], { screen, api }: Cli): void {
  const nowMs = api.nowMs()
  screen.line(`${screen.paint(node.Name, 'bold')}  ${screen.paint(node.Id, 'dim')}`)
  screen.properties(nodeProperties(node, nowMs))
  if (running.length === 0) return
  screen.line()
  screen.table(
    RUNNING_COLUMNS,
    running.map((task) => [
      task.Id,
      task.Name,
      { text: task.State, colour: colourOf(task.State) },
      timeSince(task.StartTime, nowMs),
      task.Description,
    ]),
  )
}

function nodeProperties(node: NodeResource, nowMs: number): [string, Cell][] {
  return [
    ['Status', { text: node.Status.toLowerCase(), colour: colourOf(node.Status) }],
    ['Rank', rankOf(node)],
    ['Last seen', localTimeAndAgo(node.LastSeen, nowMs)],
    ['Offline', node.IsOffline ? `since ${localTimeAndAgo(node.OfflineSince, nowMs)}` : ''],
    ['Cause', node.IsOffline ? node.OfflineCause : ''],
    ['Drain', node.Drain ? drainText(node.Drain, (date) => localTimeAndAgo(date, nowMs)) : ''],
    ['Tasks', `${node.RunningTaskCount} running, task cap ${node.MaxConcurrentTasks}`],
    ['Takes tasks', node.CanClaim ? 'yes' : { text: 'no', colour: 'yellow' }],
    ...warningsOf(node).map((warning): [string, Cell] => ['Warning', { text: warning, colour: 'yellow' }]),
    ['Fitness', fitnessText(node.Fitness)],
    ['Started', localTimeAndAgo(node.StartTime, nowMs)],
    ['Incarnation', node.Incarnation],
    ['Version', node.Version],
    ['Address', node.Url],
    ['Ping', node.PingUrl],
  ]
}

function fitnessText(fitness: NodeFitness | null): string {
  const parts = [
    number(fitness?.EventLoopLagMs, (ms) => `event loop lag ${ms} ms`),
    number(fitness?.DatabaseRoundTripMs, (ms) => `database ${ms} ms`),
    number(
      fitness?.ClockDifferenceMs,
      (ms) => `clock off by ${Math.abs(ms) < 1000 ? `${ms} ms` : formatDuration(Math.abs(ms))}`,
    ),
    number(fitness?.SharedFolderFreeBytes, (bytes) => `shared folder ${(bytes / 2 ** 30).toFixed(1)} GiB free`),
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function number(value: number | null | undefined, text: (value: number) => string): string {
  return typeof value === 'number' ? text(Math.round(value * 10) / 10) : ''
}
