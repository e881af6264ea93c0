import { requirePermission } from '../../../identity/current-user.ts'
import { rerunTask } from '../../../tasks/rerun.ts'
import { idempotencyKey } from '../../idempotency.ts'
import { operation } from '../../operation.ts'
import { taskParams } from './task-params.ts'
import { readTaskRow, viewTask } from './view-tasks.ts'

/** `POST /api/tasks/rerun/{id}`. */
export const postRerun = operation({
  method: 'POST',
  path: '/tasks/rerun/{id}',
  scope: 'mixed',
  permission: 'TaskCreate',
  summary: 'Queues a new task like one that has ended',
  description: 'What was lost with its node is run again once only: asking again answers with the first rerun.',
  params: taskParams,
  answers: {
    201: 'The new task.',
    404: 'There is none of that id.',
    409: 'It has not ended, or only the system starts its kind.',
  },
  handle: async ({ params, user, actor, context, request }) => {
    const task = await readTaskRow(context, params.id)
    const needed = context.kinds.find(task.kind)?.createPermission
    if (needed) requirePermission(user, needed)
    const key = idempotencyKey(request)
    const parts = { registry: context.kinds, timings: context.timings }
    const idempotency = key === undefined ? undefined : { userId: user.id, key }
    return viewTask(context, await rerunTask(context.sql, task.id, parts, actor, idempotency))
  },
})
