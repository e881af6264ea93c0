import { z } from 'zod'
import { queuedBehind, queuePosition } from '../../../tasks/queries.ts'
import { paging } from '../../fields.ts'
import { operation } from '../../operation.ts'
import { collection } from '../../paging.ts'
import { taskParams } from './task-params.ts'
import { readTaskRow, viewTasks } from './view-tasks.ts'

const MOST_TASKS = 5000

/** `GET /api/tasks/{id}/queued-behind`. */
export const getQueuedBehind = operation({
  method: 'GET',
  path: '/tasks/{id}/queued-behind',
  scope: 'mixed',
  permission: 'TaskView',
  summary: 'The tasks that start before a waiting one, first to start first',
  params: taskParams,
  query: z.object(paging),
  answers: { 200: 'A collection of tasks; empty when the task does not wait.', 404: 'There is none of that id.' },
  handle: async ({ params, query, context }) => {
    const task = await readTaskRow(context, params.id)
    const take = Math.min(query.take, MOST_TASKS)
    const [position, tasks] = await Promise.all([
      queuePosition(context.sql, task.id),
      queuedBehind(context.sql, task.id, { skip: query.skip, take }),
    ])
    return collection({
      itemType: 'Task',
      items: await viewTasks(context, tasks),
      total: position ?? 0,
      skip: query.skip,
      take,
      path: `/api/tasks/ServerTasks-${task.id}/queued-behind`,
    })
  },
})
