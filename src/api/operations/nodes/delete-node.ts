import { z } from 'zod'
import { deleteNode } from '../../../cluster/delete-node.ts'
import { operation } from '../../operation.ts'
import { nodeParams } from './node-params.ts'

/** `DELETE /api/octopusservernodes/{id}`. */
export const removeNode = operation({
  method: 'DELETE',
  path: '/octopusservernodes/{id}',
  scope: 'server',
  permission: 'ServerNodeDelete',
  summary: 'Removes an offline node; its tasks and their history stay',
  description: 'A node that starts under this name later takes over its cap and drain, unless `forget` is true.',
  params: nodeParams,
  query: z.object({ forget: z.boolean().optional() }),
  answers: {
    200: 'An empty object.',
    404: 'There is none of that id or name.',
    409: 'It is online, or attempts of it are not settled.',
  },
  handle: async ({ params, query, actor, context }) => {
    await deleteNode(context.sql, params.id, { forget: query.forget ?? false }, actor, context.timings)
    return {}
  },
})
