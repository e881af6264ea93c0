import type { Node } from '../api/wire.ts'

/** How many slots of the nodes that take tasks are used. What runs on others, such as those in drain, takes none of them. */
export function slotsUsed(nodes: readonly Pick<Node, 'CanClaim' | 'RunningTaskCount'>[]): number {
  return nodes.reduce((sum, node) => sum + (node.CanClaim ? node.RunningTaskCount : 0), 0)
}
