import type { Node } from '../../api/wire.ts'

/** For so many is told what they lost: a request each. */
const TOLD = 10

/** The nodes that went offline last, by id. Of the others the menu tells what they lost. */
export function lastOffline(nodes: readonly Node[]): ReadonlySet<string> {
  const since = ({ OfflineSince }: Node) => (OfflineSince === null ? 0 : Date.parse(OfflineSince))
  const offline = nodes.filter(({ IsOffline }) => IsOffline).toSorted((a, b) => since(b) - since(a))
  return new Set(offline.slice(0, TOLD).map(({ Id }) => Id))
}
