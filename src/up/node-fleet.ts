import { SECOND } from '../lib/clock.ts'
import { parseDuration } from '../lib/duration.ts'
import { ConfigurationError } from '../lib/errors.ts'
import { describeEnd, explainNodeLog, launchNode, type NodeProcess } from './node-process.ts'
import { comebackCommand } from './node-settings.ts'
import type { WatchedNode } from './node-watch.ts'
import { pollUntil } from './poll.ts'
import { identifyProcess } from './process-identity.ts'
import type { Surroundings } from './surroundings.ts'
import { shownPath, type UpFolder } from './up-folder.ts'
import { type RecordedNode, removeRecord, writeRecord } from './up-record.ts'

const READY_LIMIT_MS = 120 * SECOND
const DEFAULT_STOP_DEADLINE_MS = 30 * SECOND
const STOP_MARGIN_MS = 15 * SECOND
const BUSY_HINT_MS = 3 * SECOND

/** A node of the plan, with all it is told. */
export interface PlannedNode {
  name: string
  port: number
  url: string
  settings: Record<string, string>
}

/** The processes of a cluster's nodes. */
export interface NodeFleet {
  /** Resolves when every node answers its ping; rejects when one has ended, with what it said last. */
  waitUntilReady(watched: readonly WatchedNode[]): Promise<void>
}

/** Starts the nodes, all at once, and records them; their end lies on `undo`. */
export function launchFleet(nodes: readonly PlannedNode[], folder: UpFolder, surroundings: Surroundings): NodeFleet {
  const { teller, undo } = surroundings
  teller.step(`Starting ${nodes.map(({ name }) => name).join(', ')}`)
  const processes: NodeProcess[] = []
  let isStopping = false
  undo.push(async () => {
    isStopping = true
    await stopNodes(processes, surroundings)
    removeRecord(folder.record)
  })
  for (const { name, settings } of nodes) {
    processes.push(launchNode(name, settings, folder.logOf(name)))
    writeRecord(folder.record, processes.flatMap(recordOf))
  }
  return {
    async waitUntilReady(watched) {
      await waitUntilReady(processes, watched, surroundings)
      for (const [index, node] of nodes.entries())
        void processes[index]?.exited.then(
          (end) => isStopping || teller.event(explainEnd(node, describeEnd(end), folder)),
        )
    },
  }
}

/** A node that ends is not started again: whoever ended it wants to see what the others do. */
function explainEnd({ name, settings }: PlannedNode, how: string, folder: UpFolder): string {
  return `${name} has ended (${how}). Bring it back with: ${comebackCommand(shownPath(folder.envOf(name)), settings)}`
}

function recordOf({ name, pid }: NodeProcess): RecordedNode[] {
  const identity = pid === undefined ? undefined : identifyProcess(pid)
  return identity ? [{ name, ...identity }] : []
}

async function waitUntilReady(
  processes: readonly NodeProcess[],
  watched: readonly WatchedNode[],
  { teller, signals }: Surroundings,
): Promise<void> {
  const waiting = new Set(watched)
  const isReady = () => {
    for (const node of processes) throwIfEnded(node)
    for (const node of waiting) {
      // A drained node stays drained over a restart: it is as ready as it is to be.
      if (node.health !== 'ready' && node.health !== 'drained') continue
      waiting.delete(node)
      teller.step(`${node.name} is ready${node.health === 'drained' ? ', still drained' : ''}`)
    }
    return waiting.size === 0
  }
  if (await pollUntil(isReady, { timeoutMs: READY_LIMIT_MS, everyMs: 25, signal: signals.stop })) return
  const names = new Set([...waiting].map(({ name }) => name))
  const reasons = processes.filter(({ name }) => names.has(name)).map((node) => `${node.name} (${lastWords(node)})`)
  throw new ConfigurationError(`After ${READY_LIMIT_MS / SECOND} s these nodes are not ready: ${reasons.join(', ')}`)
}

function throwIfEnded(node: NodeProcess): void {
  const end = node.ended()
  if (end) throw new ConfigurationError(`${node.name} did not start (${describeEnd(end)}): ${lastWords(node)}`)
}

function lastWords(node: NodeProcess): string {
  return explainNodeLog(node.tail()) ?? 'its log is empty'
}

async function stopNodes(processes: readonly NodeProcess[], { teller, signals }: Surroundings): Promise<void> {
  const running = () => processes.filter((node) => node.ended() === undefined)
  const names = () =>
    running()
      .map(({ name }) => name)
      .join(', ')
  if (running().length === 0) return
  teller.event(`Stopping ${names()}`)
  const hint = setTimeout(() => teller.event(`Still busy: ${names()}. Ctrl-C again stops at once.`), BUSY_HINT_MS)
  const stopping = running().map(async (node) => {
    const isOrderly = await node.stop(stopPatienceMs(process.env), signals.hurry)
    teller.event(`${node.name} ${isOrderly ? 'has stopped' : 'was killed'}`)
  })
  await Promise.all(stopping)
  clearTimeout(hint)
}

/** Somewhat more than a node takes that uses up all the time it is given. */
export function stopPatienceMs(env: NodeJS.ProcessEnv): number {
  const given = (name: string) => parseDuration(env[name] ?? '')
  const deadlineMs = given('TAKO_STOP_DEADLINE') ?? DEFAULT_STOP_DEADLINE_MS
  return deadlineMs + (given('TAKO_LAME_DUCK') ?? 0) + (given('TAKO_CANCEL_GRACE') ?? 0) + STOP_MARGIN_MS
}
