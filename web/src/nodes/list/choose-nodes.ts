import type { Node } from '../../api/wire.ts'
import { type Sort, sortedBy } from '../../parts/sort.ts'
import { NODE_FILTERS, type NodeFilter } from '../nodes-search.ts'

const RECENT_MS = 24 * 3_600_000

const SORT_KEYS: Readonly<Record<string, (node: Node) => string | number | null>> = {
  name: (node) => node.Name,
  rank: (node) => (node.IsLeader ? 0 : node.IsOffline ? 2 : 1),
  status: (node) => ['Offline', 'Draining', 'Drained', 'Starting', 'Online'].indexOf(node.Status),
  seen: (node) => (node.LastSeen === null ? null : -Date.parse(node.LastSeen)),
  tasks: (node) => node.RunningTaskCount,
  cap: (node) => node.MaxConcurrentTasks,
  version: (node) => node.Version,
}

/** True when a node belongs to a filter at this moment (ms). Recently active is what beats, or did so within the last day. */
function isShown(node: Node, filter: NodeFilter, now: number): boolean {
  if (filter === 'all') return true
  if (filter === 'recent') return !node.IsOffline || now - Date.parse(node.LastSeen ?? '') < RECENT_MS
  return node.Status.toLowerCase() === filter
}

/** How many nodes each filter has. */
export function countNodes(nodes: readonly Node[], now: number): Record<NodeFilter, number> {
  const count = (filter: NodeFilter) => nodes.filter((node) => isShown(node, filter, now)).length
  return Object.fromEntries(NODE_FILTERS.map((filter) => [filter, count(filter)])) as Record<NodeFilter, number>
}

/** The nodes to show, in order. */
export function chooseNodes(
  nodes: readonly Node[],
  { filter, text, sort, now }: { filter: NodeFilter; text: string; sort: Sort; now: number },
): Node[] {
  const wanted = text.trim().toLowerCase()
  const chosen = nodes.filter((node) => isShown(node, filter, now) && node.Name.toLowerCase().includes(wanted))
  return sortedBy(sortedBy(chosen, { by: 'name', direction: 'ascending' }, SORT_KEYS), sort, SORT_KEYS)
}

/** The version that most of the nodes that are there run, the higher one of two alike; undefined without any. */
export function commonVersion(nodes: readonly Pick<Node, 'IsOffline' | 'Version'>[]): string | undefined {
  const versions = nodes.filter((node) => !node.IsOffline && node.Version !== '').map(({ Version }) => Version)
  const count = (version: string) => versions.filter((one) => one === version).length
  return [...new Set(versions)].toSorted(
    (a, b) => count(b) - count(a) || b.localeCompare(a, undefined, { numeric: true }),
  )[0]
}
