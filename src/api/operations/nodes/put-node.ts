import { z } from 'zod'
import { editNode } from '../../../cluster/drain.ts'
import { nodeNameOf } from '../../../cluster/incarnation.ts'
import { Refusal } from '../../../lib/errors.ts'
import { operation } from '../../operation.ts'
import { nodeView } from '../../views/node-view.ts'
import { nodeParams, taskCap } from './node-params.ts'
import { readNode } from './read-cluster.ts'

/** `PUT /api/octopusservernodes/{id}`: also takes the whole node as it was read, of which only cap and drain are looked at. */
export const putNode = operation({
  method: 'PUT',
  path: '/octopusservernodes/{id}',
  scope: 'server',
  permission: 'ServerNodeEdit',
  summary: "Sets a node's task cap and drain, both or neither",
  params: nodeParams,
  body: z.object({
    Id: z.string().optional(),
    MaxConcurrentTasks: taskCap.optional(),
    IsInMaintenanceMode: z.boolean().optional().meta({ description: 'True drains, false undrains.' }),
    ConfirmLastNode: z.boolean().optional(),
  }),
  answers: {
    200: 'The node.',
    404: 'There is none of that id or name.',
    409: 'It is the last one: confirm with ConfirmLastNode.',
  },
  handle: async ({ params, body, actor, context }) => {
    if (body.Id !== undefined && nodeNameOf(body.Id) !== nodeNameOf(params.id)) {
      throw new Refusal(
        'BadRequest',
        `The path names ${params.id.slice(0, 100)} and the body ${body.Id.slice(0, 100)}: which of the two is meant?`,
      )
    }
    const { MaxConcurrentTasks, IsInMaintenanceMode, ConfirmLastNode } = body
    const edit = {
      ...(MaxConcurrentTasks === undefined ? {} : { taskCap: MaxConcurrentTasks }),
      ...(IsInMaintenanceMode === undefined ? {} : { drain: IsInMaintenanceMode }),
      ...(ConfirmLastNode === undefined ? {} : { confirmLastNode: ConfirmLastNode }),
    }
    await editNode(context.sql, params.id, edit, actor, context.timings)
    return nodeView(await readNode(context, params.id))
  },
})
