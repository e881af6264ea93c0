import { operation } from '../../operation.ts'
import { taskParams } from './task-params.ts'
import { readTaskRow, viewTaskInFull } from './view-tasks.ts'

/** `GET /api/tasks/{id}`. */
export const getTask = operation({
  method: 'GET',
  path: '/tasks/{id}',
  scope: 'mixed',
  permission: 'TaskView',
  summary: 'One task, with its attempts, its place in the queue, and why it waits',
  params: taskParams,
  answers: { 200: 'The task.', 404: 'There is none of that id.' },
  handle: async ({ params, context }) => viewTaskInFull(context, await readTaskRow(context, params.id)),
})
