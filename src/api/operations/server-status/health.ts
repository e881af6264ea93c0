import type { ClusterView } from '../../../cluster/view.ts'
import { operation } from '../../operation.ts'
import { readCluster } from '../nodes/read-cluster.ts'

/** `GET /api/serverstatus/health`. */
export const getHealth = operation({
  method: 'GET',
  path: '/serverstatus/health',
  scope: 'server',
  permission: 'authenticated',
  summary: 'Whether the cluster works as it should, in a sentence',
  answers: { 200: 'The health of the cluster.' },
  handle: async ({ context }) => {
    const view = await readCluster(context)
    const troubles = troublesOf(view)
    const online = view.nodes.filter((node) => !node.isOffline)
    return {
      IsOperatingNormally: troubles.length === 0,
      Description: troubles.join(' ') || allIsWell(online.length, view),
      IsEntireClusterReadOnly: false,
      IsEntireClusterDrainingTasks: online.length > 0 && online.every((node) => node.drain !== undefined),
      IsCompliantWithLicense: true,
      Links: { Self: '/api/serverstatus/health', Index: '/api/serverstatus' },
    }
  },
})

/** What is not as it should be. A node that somebody drained, or stopped in order, is. */
function troublesOf({ nodes, leadership, pause }: ClusterView): string[] {
  const silent = nodes.filter((node) => node.isOffline && node.beats?.goodbye !== true).map((node) => node.name)
  const canLead = nodes.some((node) => !node.isOffline && node.drain === undefined)
  return [
    ...(nodes.some((node) => !node.isOffline) ? [] : ['No node is online.']),
    ...(silent.length === 0 ? [] : [`Offline: ${silent.join(', ')}.`]),
    ...(leadership.leader === undefined && canLead ? ['No node leads.'] : []),
    ...(nodes.some((node) => node.canClaim && node.taskCap > 0) ? [] : ['No node takes tasks.']),
    ...(pause ? ['The queue is paused.'] : []),
  ]
}

function allIsWell(online: number, { leadership }: ClusterView): string {
  return `${online === 1 ? '1 node is' : `${online} nodes are`} online, and ${leadership.leader ?? 'none'} leads.`
}
