import { operation } from '../../operation.ts'
import { nodeDetailsView, nodeView } from '../../views/node-view.ts'
import { nodeParams } from './node-params.ts'
import { readNode } from './read-cluster.ts'

/** `GET /api/octopusservernodes/{id}`. */
export const getNode = operation({
  method: 'GET',
  path: '/octopusservernodes/{id}',
  scope: 'server',
  permission: 'ServerNodeView',
  summary: 'One node',
  params: nodeParams,
  answers: { 200: 'The node.', 404: 'There is none of that id or name.' },
  handle: async ({ params, context }) => nodeView(await readNode(context, params.id)),
})

/** `GET /api/octopusservernodes/{id}/details`. */
export const getNodeDetails = operation({
  method: 'GET',
  path: '/octopusservernodes/{id}/details',
  scope: 'server',
  permission: 'ServerNodeView',
  summary: 'How many tasks a node runs',
  params: nodeParams,
  answers: { 200: '`{ Id, RunningTasks, Links }`.', 404: 'There is none of that id or name.' },
  handle: async ({ params, context }) => nodeDetailsView(await readNode(context, params.id)),
})
