import { operation } from '../../operation.ts'
import { clusterSummaryView } from '../../views/cluster-view.ts'
import { nodeView } from '../../views/node-view.ts'
import { queueSizeOf, readCluster } from './read-cluster.ts'

/** `GET /api/octopusservernodes/summary`: the Nodes page in one answer. */
export const getNodeSummary = operation({
  method: 'GET',
  path: '/octopusservernodes/summary',
  scope: 'server',
  permission: 'ServerNodeView',
  summary: 'All nodes with rank, last seen, tasks, cap and drain, and the cluster as a whole',
  answers: { 200: '`{ Nodes, Cluster, Links }`.' },
  handle: async ({ context }) => {
    const view = await readCluster(context)
    return {
      Nodes: view.nodes.map(nodeView),
      Cluster: clusterSummaryView(view, await queueSizeOf(view, context)),
      Links: {},
    }
  },
})
