import { z } from 'zod'
import { declareDead } from '../../../cluster/declare-dead.ts'
import { operation } from '../../operation.ts'
import { nodeView } from '../../views/node-view.ts'
import { nodeParams } from './node-params.ts'
import { readNode } from './read-cluster.ts'

/** `POST /api/octopusservernodes/{id}/declare-dead`. */
export const postDeclareDead = operation({
  method: 'POST',
  path: '/octopusservernodes/{id}/declare-dead',
  scope: 'server',
  permission: 'ServerNodeDelete',
  summary: 'Takes your word that a silent node is off, and settles what it ran at once',
  description: 'What the node runs may run twice if it is alive after all, so `Confirm` must repeat its name.',
  params: nodeParams,
  body: z.object({ Confirm: z.string().default('').meta({ description: 'The name of the node.' }) }),
  answers: { 200: 'The node.', 404: 'There is none of that id or name.', 409: 'It beats, or was stopped in order.' },
  handle: async ({ params, body, actor, context }) => {
    await declareDead(context.sql, params.id, body.Confirm, actor, context.timings)
    return nodeView(await readNode(context, params.id))
  },
})
