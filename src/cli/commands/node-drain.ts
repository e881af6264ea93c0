import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { Deadline } from '../deadline.ts'
import { usageFailure } from '../exit-codes.ts'
import { nodePath } from '../names.ts'
import { drainText } from '../node-text.ts'
import { cancelAll, waitUntilDrained } from '../node-waiting.ts'
import { runningTasks } from '../running-tasks.ts'
import { timeAgo } from '../time-ago.ts'
import { durationForApi, durationOption, type Moment, momentForApi, momentOption } from '../when.ts'
import type { NodeResource } from '../wire.ts'
import { count } from '../words.ts'

interface DrainOptions {
  readonly reason?: string
  readonly deadline?: Moment
  readonly cancelAtDeadline?: boolean
  readonly undrainAt?: Moment
  readonly for?: number
  readonly wait?: boolean
  readonly timeout?: number
  readonly cancelTasks?: boolean
  readonly confirmLastNode?: boolean
}

const EXAMPLES = `
Examples:
  tako node drain node-b --reason "new kernel" --wait --timeout 30m
  tako node drain node-b --for 2h
  tako node drain node-b --deadline 18:00 --cancel-at-deadline`

export function declare(command: Command, cli: Cli): void {
  command
    .argument('<node>', 'name or id of the node')
    .option('--reason <text>', 'why, for everybody who looks')
    .option('--deadline <when>', 'by when it should be drained: 30m, 18:00, 2026-03-01T17:00Z', momentOption)
    .option('--cancel-at-deadline', 'cancel what still runs at the deadline')
    .option('--undrain-at <when>', 'end the drain by itself at this time', momentOption)
    .option('--for <duration>', 'end the drain by itself after this time', durationOption)
    .option('--wait', 'return when the node is drained, and show how it goes')
    .option(
      '--timeout <duration>',
      'with --wait: return after this time all the same, with exit code 3',
      durationOption,
    )
    .option('--cancel-tasks', 'cancel what runs on the node')
    .option('--confirm-last-node', 'drain it although no other node would answer its ping with 200')
    .addHelpText('after', EXAMPLES)
    .action((name: string, options: DrainOptions) => drain(cli, name, options))
}

async function drain(cli: Cli, name: string, options: DrainOptions): Promise<void> {
  checkOptions(options)
  const deadline = new Deadline(cli.clock, options.timeout)
  const node = await cli.api.post<NodeResource>(`${nodePath(name)}/drain`, requestOf(options))
  // With --json, standard output is the API's answer and nothing else.
  const progress = (line: string) => (cli.json ? cli.screen.note(line) : cli.screen.line(line))
  if (!options.wait) {
    if (options.cancelTasks) await cancelAll(cli, await runningTasks(cli.api, node.Id), new Set(), { progress })
    if (cli.json) cli.screen.json(node)
    else cli.screen.text([outcome(node, cli.api.nowMs())])
    return
  }
  const wait = { drainNumber: node.Drain?.Number ?? 0, cancelTasks: options.cancelTasks === true, deadline, progress }
  const drained = await waitUntilDrained(cli, node, wait)
  if (cli.json) cli.screen.json(drained)
  else cli.screen.line(`${node.Name}: drained${drained.IsOffline ? ' (and offline)' : ''}`)
}

function checkOptions(options: DrainOptions): void {
  if (options.timeout !== undefined && !options.wait) throw usageFailure('--timeout is about --wait, which is missing.')
  if (options.cancelAtDeadline && !options.deadline) throw usageFailure('--cancel-at-deadline needs a --deadline.')
  if (options.for !== undefined && options.undrainAt)
    throw usageFailure('--for and --undrain-at say the same thing; give one of them.')
}

function requestOf(options: DrainOptions) {
  const undrainAt =
    options.for === undefined ? options.undrainAt && momentForApi(options.undrainAt) : durationForApi(options.for)
  return {
    Reason: options.reason,
    Deadline: options.deadline && momentForApi(options.deadline),
    CancelAtDeadline: options.cancelAtDeadline,
    UndrainAt: undrainAt,
    ConfirmLastNode: options.confirmLastNode,
  }
}

function outcome(node: NodeResource, nowMs: number): string {
  const state = node.RunningTaskCount === 0 ? 'drained' : `draining, ${count(node.RunningTaskCount, 'task')} running`
  return `${node.Name}: ${state}${node.Drain ? `; ${drainText(node.Drain, (date) => timeAgo(date, nowMs))}` : ''}`
}
