import { z } from 'zod'
import { nodeId, nodeNameOf } from '../../../cluster/incarnation.ts'
import { countLostTasks, type LostTask, listLostTasks } from '../../../tasks/lost-tasks.ts'
import { taskId } from '../../../tasks/task-row.ts'
import type { ApiContext } from '../../context.ts'
import { wireDate } from '../../dates.ts'
import { isoDate, paging } from '../../fields.ts'
import { notFound } from '../../ids.ts'
import { operation } from '../../operation.ts'
import { collection } from '../../paging.ts'
import { viewTasks } from '../tasks/view-tasks.ts'
import { lostSince } from './lost-since.ts'
import { nodeParams } from './node-params.ts'
import { readCluster } from './read-cluster.ts'

/** A page holds at most so many, as every list of tasks. */
const MOST_TASKS = 5000

/** `GET /api/octopusservernodes/{id}/lost-tasks`. */
export const getLostTasks = operation({
  method: 'GET',
  path: '/octopusservernodes/{id}/lost-tasks',
  scope: 'server',
  permission: 'TaskView',
  summary: 'The tasks that ended because a node was lost, newest first',
  description:
    'Also of a node that has been deleted since. A task that a person has set to Success is not among them. `RerunTaskId` is its re-run, or null.',
  params: nodeParams,
  query: z.object({
    ...paging,
    since: isoDate()
      .optional()
      .meta({ description: 'Settled at this time or later; within the last day unless told.' }),
  }),
  answers: {
    200: 'A collection of tasks with `RerunTaskId`, and `Since`.',
    404: 'There is none of that id or name, and never was one that lost a task.',
  },
  handle: async ({ params, query, context, request }) => {
    const node = await knownNode(context, params.id)
    const since = await lostSince(context.sql, query.since)
    const take = Math.min(query.take, MOST_TASKS)
    const filter = { node, since }
    const [tasks, total] = await Promise.all([
      listLostTasks(context.sql, filter, { skip: query.skip, take }),
      countLostTasks(context.sql, filter),
    ])
    const page = collection({
      itemType: 'Task',
      items: await viewLostTasks(context, tasks),
      total,
      skip: query.skip,
      take,
      path: `/api/octopusservernodes/${nodeId(node)}/lost-tasks`,
      query: request.query as Record<string, unknown>,
    })
    return { ...page, Since: wireDate(since) }
  },
})

/** The name of a node that is there, or that once lost a task; refuses with 404. */
export async function knownNode(context: ApiContext, idOrName: string): Promise<string> {
  const name = nodeNameOf(idOrName)
  const { nodes } = await readCluster(context)
  if (nodes.some((node) => node.name === name)) return name
  const [lost] = await listLostTasks(context.sql, { node: name }, { skip: 0, take: 1 })
  if (!lost) throw notFound('node', idOrName)
  return name
}

async function viewLostTasks(context: ApiContext, tasks: readonly LostTask[]) {
  const reruns = new Map(tasks.map(({ id, rerunId }) => [taskId(id), rerunId]))
  const views = await viewTasks(context, tasks)
  return views.map((view) => {
    const rerun = reruns.get(view.Id)
    return { ...view, RerunTaskId: rerun ? taskId(rerun) : null }
  })
}
