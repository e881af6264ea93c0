import { abandonTask } from '../../../tasks/abandon.ts'
import { cancelTask } from '../../../tasks/cancel.ts'
import { prioritizeTask } from '../../../tasks/prioritize.ts'
import { createOnce, idempotencyKey } from '../../idempotency.ts'
import { operation } from '../../operation.ts'
import { taskParams } from './task-params.ts'
import { taskNumber, viewTask } from './view-tasks.ts'

/** `POST /api/tasks/{id}/cancel`. */
export const postCancel = operation({
  method: 'POST',
  path: '/tasks/{id}/cancel',
  scope: 'mixed',
  permission: 'TaskCancel',
  summary: 'Cancels a task: one that waits ends at once, one that runs is stopped',
  params: taskParams,
  answers: { 200: 'The task; as it is when it has ended already.', 404: 'There is none of that id.' },
  handle: async ({ params, actor, context }) => {
    const id = taskNumber(params.id)
    await cancelTask(context.sql, id, actor)
    return viewTask(context, id)
  },
})

/** `POST /api/tasks/{id}/prioritize`. */
export const postPrioritize = operation({
  method: 'POST',
  path: '/tasks/{id}/prioritize',
  scope: 'mixed',
  permission: 'TaskEdit',
  summary: 'Moves a waiting task to the top of the queue',
  params: taskParams,
  answers: { 200: 'Done.', 404: 'There is none of that id.', 409: 'It does not wait.' },
  handle: async ({ params, actor, context }) => {
    await prioritizeTask(context.sql, taskNumber(params.id), actor)
  },
})

/** `POST /api/tasks/{id}/abandon`. */
export const postAbandon = operation({
  method: 'POST',
  path: '/tasks/{id}/abandon',
  scope: 'mixed',
  permission: 'TaskAbandon',
  summary: 'Ends a task that has been Cancelling for too long; its process may go on',
  params: taskParams,
  answers: { 200: 'The task.', 404: 'There is none of that id.', 409: 'It is not Cancelling, or not for long enough.' },
  handle: async ({ params, user, actor, context, request }) => {
    const id = taskNumber(params.id)
    const repeatable = { userId: user.id, key: idempotencyKey(request), operation: `abandon ${id}` }
    await createOnce(context.sql, repeatable, async () => {
      await abandonTask(context.sql, id, context.timings.abandonAfterMs, actor)
      return 'done'
    })
    return viewTask(context, id)
  },
})
