import { z } from 'zod'
import { drainNode, undrainNode } from '../../../cluster/drain.ts'
import { operation } from '../../operation.ts'
import { nodeView } from '../../views/node-view.ts'
import { drainFields, drainWish, undrainAtField } from './drain-fields.ts'
import { nodeParams } from './node-params.ts'
import { readNode } from './read-cluster.ts'

/** `POST /api/octopusservernodes/{id}/drain`. */
export const postDrain = operation({
  method: 'POST',
  path: '/octopusservernodes/{id}/drain',
  scope: 'server',
  permission: 'ServerNodeEdit',
  summary: 'Drains a node, or changes the drain that is on',
  description:
    'Once this has been answered the node starts nothing new and does not lead; it finishes what it runs, and its ping stops answering 200.',
  params: nodeParams,
  body: z.object({ ...drainFields, UndrainAt: undrainAtField }),
  answers: {
    200: 'The node.',
    404: 'There is none of that id or name.',
    409: 'It is the last one: confirm with ConfirmLastNode.',
  },
  handle: async ({ params, body, actor, context }) => {
    await drainNode(context.sql, params.id, drainWish(body), actor, context.timings)
    return nodeView(await readNode(context, params.id))
  },
})

/** `POST /api/octopusservernodes/{id}/undrain`. */
export const postUndrain = operation({
  method: 'POST',
  path: '/octopusservernodes/{id}/undrain',
  scope: 'server',
  permission: 'ServerNodeEdit',
  summary: "Ends a node's drain",
  params: nodeParams,
  answers: { 200: 'The node.', 404: 'There is none of that id or name.' },
  handle: async ({ params, actor, context }) => {
    await undrainNode(context.sql, params.id, actor)
    return nodeView(await readNode(context, params.id))
  },
})
