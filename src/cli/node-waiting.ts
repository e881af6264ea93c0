import { SECOND } from '../lib/clock.ts'
import { formatDuration } from '../lib/duration.ts'
import type { Cli } from './cli.ts'
import type { Deadline } from './deadline.ts'
import { CommandFailure, EXIT } from './exit-codes.ts'
import { nodePath, taskPath } from './names.ts'
import { runningTasks } from './running-tasks.ts'
import type { CallOptions } from './transport.ts'
import type { NodeResource, TaskResource } from './wire.ts'
import { by, count } from './words.ts'

const POLL_MS = SECOND
/** A line is repeated after this time, so that one sees that the command lives. */
const REPEAT_MS = 15 * SECOND

/** How to wait for a drain. */
export interface DrainWait {
  /** The number of the drain that is waited for: a later one is another. */
  readonly drainNumber: number
  readonly cancelTasks: boolean
  readonly deadline: Deadline
  /** Shows a line of progress. */
  readonly progress: (line: string) => void
}

/** What a node looked like at one moment. */
interface Look {
  readonly node: NodeResource
  readonly running: readonly TaskResource[]
}

/** Waits until the node is drained. Throws when the drain was ended, when the node is gone, or when the deadline passes. */
export async function waitUntilDrained(cli: Cli, node: NodeResource, wait: DrainWait): Promise<NodeResource> {
  const canceled = new Set<string>()
  const say = teller(cli, wait.progress)
  let last: Look = { node, running: [] }
  for (;;) {
    last = await wait.deadline.within(
      (options) => look(cli, node.Name, options),
      () => meanwhile(last),
    )
    failUnlessDraining(last.node, wait.drainNumber)
    if (last.node.RunningTaskCount === 0 && last.node.Status !== 'Draining') return last.node
    say(progressLine(last, cli.api.nowMs()))
    if (wait.cancelTasks) await cancelAll(cli, last.running, canceled, wait)
    await cli.clock.sleep(Math.min(POLL_MS, wait.deadline.remainingMs))
  }
}

/** Waits until the node's record is gone, as after `retire`. */
export async function waitUntilGone(cli: Cli, node: NodeResource, wait: Omit<DrainWait, 'cancelTasks'>): Promise<void> {
  const say = teller(cli, wait.progress)
  let last: Look = { node, running: [] }
  for (;;) {
    const next = await wait.deadline.within(
      (options) => lookIfThere(cli, node.Name, options),
      () => `${node.Name} has not left the cluster yet; it goes on leaving.`,
    )
    if (!next) return
    last = next
    failUnlessDraining(last.node, wait.drainNumber)
    say(last.node.RunningTaskCount === 0 ? `${node.Name}: drained, stopping` : progressLine(last, cli.api.nowMs()))
    await cli.clock.sleep(Math.min(POLL_MS, wait.deadline.remainingMs))
  }
}

/** Cancels what runs, once each. What has ended in the meantime needs no canceling. */
export async function cancelAll(
  cli: Cli,
  running: readonly TaskResource[],
  canceled: Set<string>,
  wait: Pick<DrainWait, 'progress'>,
): Promise<void> {
  for (const task of running) {
    if (task.State !== 'Executing' || canceled.has(task.Id)) continue
    canceled.add(task.Id)
    try {
      await cli.api.post(`${taskPath(task.Id)}/cancel`)
      wait.progress(`${task.NodeName ?? task.Id}: canceling ${task.Id} (${task.Description})`)
    } catch (error) {
      const now = await cli.api.get<TaskResource>(taskPath(task.Id))
      if (!now.IsCompleted) throw error
    }
  }
}

async function look(cli: Cli, name: string, options: CallOptions): Promise<Look> {
  const node = await cli.api.get<NodeResource>(nodePath(name), options)
  return { node, running: node.RunningTaskCount > 0 ? await runningTasks(cli.api, node.Id, options) : [] }
}

async function lookIfThere(cli: Cli, name: string, options: CallOptions): Promise<Look | undefined> {
  try {
    return await look(cli, name, options)
  } catch (error) {
    if (error instanceof CommandFailure && error.status === 404) return undefined
    throw error
  }
}

function failUnlessDraining(node: NodeResource, drainNumber: number): void {
  if (!node.Drain) throw new CommandFailure(EXIT.failed, `The drain of ${node.Name} was ended; it takes tasks again.`)
  if (node.Drain.Number !== drainNumber) {
    throw new CommandFailure(
      EXIT.failed,
      `The drain of ${node.Name} was ended, and another one was begun${by(node.Drain.By)}.`,
    )
  }
}

/** `node-b: draining, 3 tasks running (longest 2m 10s)` */
export function progressLine({ node, running }: Look, nowMs: number): string {
  const status = node.IsOffline ? 'offline, its tasks wait to be settled' : node.Status.toLowerCase()
  const oldest = running[0]?.StartTime
  const longest = oldest ? ` (longest ${formatDuration(Math.max(0, nowMs - Date.parse(oldest)))})` : ''
  return `${node.Name}: ${status}, ${count(node.RunningTaskCount, 'task')} running${longest}`
}

function meanwhile({ node }: Look): string {
  return `${node.Name} still runs ${count(node.RunningTaskCount, 'task')} and goes on draining.`
}

/** Says a line when what it counts has changed, or after a while. */
function teller({ clock }: Cli, progress: (line: string) => void): (line: string) => void {
  let saidAtMs = Number.NEGATIVE_INFINITY
  let said = ''
  return (line) => {
    const gist = line.replace(/ \(.*/, '')
    if (gist === said && clock.monotonicMs() - saidAtMs < REPEAT_MS) return
    said = gist
    saidAtMs = clock.monotonicMs()
    progress(line)
  }
}
