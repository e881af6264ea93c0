import { z } from 'zod'
import { nodeNameOf } from '../../../cluster/incarnation.ts'
import { commaList, paging } from '../../fields.ts'
import { operation } from '../../operation.ts'
import { collection } from '../../paging.ts'
import { nodeView } from '../../views/node-view.ts'
import { readCluster } from './read-cluster.ts'

/** `GET /api/octopusservernodes`, by name. */
export const listNodes = operation({
  method: 'GET',
  path: '/octopusservernodes',
  scope: 'server',
  permission: 'ServerNodeView',
  summary: 'The nodes of the cluster, by name',
  query: z.object({ ...paging, ids: commaList(), partialName: z.string().optional() }),
  answers: { 200: 'A collection of nodes.' },
  handle: async ({ query, context, request }) => {
    const { nodes } = await readCluster(context)
    const names = query.ids?.map(nodeNameOf)
    const part = query.partialName?.toLowerCase() ?? ''
    const matching = nodes.filter(({ name }) => (names?.includes(name) ?? true) && name.includes(part))
    return collection({
      itemType: 'OctopusServerNode',
      items: matching.slice(query.skip, query.skip + query.take).map(nodeView),
      total: matching.length,
      skip: query.skip,
      take: query.take,
      path: '/api/octopusservernodes',
      query: request.query as Record<string, unknown>,
    })
  },
})

/** `GET /api/octopusservernodes/all`. */
export const allNodes = operation({
  method: 'GET',
  path: '/octopusservernodes/all',
  scope: 'server',
  permission: 'ServerNodeView',
  summary: 'All nodes of the cluster, by name, as a bare list',
  answers: { 200: 'An array of nodes.' },
  handle: async ({ context }) => (await readCluster(context)).nodes.map(nodeView),
})
