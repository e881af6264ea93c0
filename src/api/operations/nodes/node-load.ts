import { z } from 'zod'
import { nodeId } from '../../../cluster/incarnation.ts'
import { readNodeLoad } from '../../../tasks/node-load.ts'
import { wireDate } from '../../dates.ts'
import { operation } from '../../operation.ts'
import { nodeParams } from './node-params.ts'
import { readNode } from './read-cluster.ts'

/** Three hours: what is asked for grows with it. */
const MOST_MINUTES = 180

/** `GET /api/octopusservernodes/{id}/load`. */
export const getNodeLoad = operation({
  method: 'GET',
  path: '/octopusservernodes/{id}/load',
  scope: 'server',
  permission: 'ServerNodeView',
  summary: 'What a node ran, minute by minute',
  description:
    'Oldest minute first; the last one is the present minute as far as it has come. `Running` is the most attempts that ran at the same time within the minute; `Failed` counts those of `Finished` that failed, timed out or were lost with the node.',
  params: nodeParams,
  query: z.object({ minutes: z.int().min(1).max(MOST_MINUTES).default(60) }),
  answers: {
    200: '`{ NodeId, MaxConcurrentTasks, Minutes: [{ At, Running, Started, Finished, Failed }] }`.',
    404: 'There is none of that id or name.',
  },
  handle: async ({ params, query, context }) => {
    const node = await readNode(context, params.id)
    const minutes = await readNodeLoad(context.sql, node.name, query.minutes)
    return {
      NodeId: nodeId(node.name),
      MaxConcurrentTasks: node.taskCap,
      Minutes: minutes.map(({ at, running, started, finished, failed }) => ({
        At: wireDate(at),
        Running: running,
        Started: started,
        Finished: finished,
        Failed: failed,
      })),
    }
  },
})
