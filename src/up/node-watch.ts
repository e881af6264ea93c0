import { systemClock } from '../lib/clock.ts'
import type { NodeHealth } from './node-health.ts'
import { pingNode } from './node-ping.ts'

const EVERY_MS = 500
/** A node that is on its way is asked more often. */
const EVERY_MS_UNTIL_READY = 150
/** So many unanswered pings in a row, and what waits for the node waits in vain: about 5 s, more than a busy moment. */
const FROZEN_AFTER = 2

export interface WatchedNode {
  readonly name: string
  readonly url: string
  health: NodeHealth
}

/** The nodes with what their pings last told, asked over and over until `stop`. */
export interface NodeWatch {
  readonly nodes: readonly WatchedNode[]
  stop(): Promise<void>
}

/** `onFrozen` is told of a node that accepts connections and answers nothing. */
export function watchNodes(
  targets: readonly { name: string; url: string }[],
  onFrozen: (node: WatchedNode) => void = () => {},
): NodeWatch {
  const nodes = targets.map(({ name, url }): WatchedNode => ({ name, url, health: 'silent' }))
  const stopping = new AbortController()
  const loops = nodes.map((node) => watchNode(node, stopping.signal, onFrozen))
  return {
    nodes,
    async stop() {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}

async function watchNode(node: WatchedNode, signal: AbortSignal, onFrozen: (node: WatchedNode) => void): Promise<void> {
  let unanswered = 0
  while (!signal.aborted) {
    const answer = await pingNode(node.url, signal)
    if (signal.aborted) return
    unanswered = answer === 'unanswered' ? unanswered + 1 : 0
    node.health = answer === 'unanswered' ? 'silent' : answer
    if (unanswered >= FROZEN_AFTER) onFrozen(node)
    await systemClock.sleep(node.health === 'ready' ? EVERY_MS : EVERY_MS_UNTIL_READY, signal).catch(() => {})
  }
}
