import { nodeNameOf } from '../../../cluster/incarnation.ts'
import {
  type ClusterView,
  type NodeView,
  QUEUE_COUNT_LIMIT,
  readClusterView,
  readQueueSize,
} from '../../../cluster/view.ts'
import type { ApiContext } from '../../context.ts'
import { notFound } from '../../ids.ts'
import type { QueueSize } from '../../views/cluster-view.ts'

/** The cluster as the database has it now. */
export function readCluster({ sql, timings }: ApiContext): Promise<ClusterView> {
  return readClusterView(sql, timings)
}

/** The node of that id or name in any letter case; refuses with 404. */
export function nodeOf(view: ClusterView, idOrName: string): NodeView {
  const node = view.nodes.find(({ name }) => name === nodeNameOf(idOrName))
  if (!node) throw notFound('node', idOrName)
  return node
}

/** The node as the database has it now; refuses with 404. */
export async function readNode(context: ApiContext, idOrName: string): Promise<NodeView> {
  return nodeOf(await readCluster(context), idOrName)
}

/** The whole queue's size: the view has counted a short one, a long one is counted here, and may be 2 s old. */
export async function queueSizeOf(view: ClusterView, { sql, live }: ApiContext): Promise<QueueSize> {
  const isCounted = view.queuedAtLeast < QUEUE_COUNT_LIMIT
  if (isCounted) return { queued: view.queuedAtLeast, oldestQueuedAt: view.oldestQueuedAt }
  return await live.queueSizes.read('all', () => readQueueSize(sql))
}
