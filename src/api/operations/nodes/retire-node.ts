import { z } from 'zod'
import { retireNode } from '../../../cluster/drain.ts'
import { operation } from '../../operation.ts'
import { nodeView } from '../../views/node-view.ts'
import { drainFields, drainWish } from './drain-fields.ts'
import { nodeParams } from './node-params.ts'
import { readNode } from './read-cluster.ts'

/** `POST /api/octopusservernodes/{id}/retire`. */
export const postRetire = operation({
  method: 'POST',
  path: '/octopusservernodes/{id}/retire',
  scope: 'server',
  permission: 'ServerNodeDelete',
  summary: 'Drains a node for good: once drained its process stops and its row goes',
  description:
    'Look at the node to see how far it is; when it answers 404 it is gone. Undraining it before calls this off.',
  params: nodeParams,
  body: z.object(drainFields),
  answers: {
    200: 'The node.',
    404: 'There is none of that id or name.',
    409: 'It is the last one: confirm with ConfirmLastNode.',
  },
  handle: async ({ params, body, actor, context }) => {
    const node = await readNode(context, params.id)
    await retireNode(context.sql, node.name, drainWish(body), actor, context.timings)
    return nodeView(await readNode(context, node.name))
  },
})
