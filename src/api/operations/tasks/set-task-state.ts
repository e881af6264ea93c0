import { z } from 'zod'
import { cancelTask } from '../../../tasks/cancel.ts'
import { readTask } from '../../../tasks/queries.ts'
import { FINAL_STATES } from '../../../tasks/task-row.ts'
import { lineOfText } from '../../fields.ts'
import { operation } from '../../operation.ts'
import { overrideState } from './override-state.ts'
import { taskParams } from './task-params.ts'
import { taskNumber, viewTask } from './view-tasks.ts'

/** `POST /api/tasks/{id}/state`. */
export const postTaskState = operation({
  method: 'POST',
  path: '/tasks/{id}/state',
  scope: 'mixed',
  permission: 'TaskEdit',
  summary: 'Sets how a task that has ended is to be taken',
  description:
    'Its attempt stays as it was; who did it, and why, is kept. Canceled for a task that has not ended cancels it.',
  params: taskParams,
  body: z.object({
    State: z.enum(FINAL_STATES),
    Reason: lineOfText(500, 1).meta({ description: 'Why, in one line of at most 500 characters.' }),
  }),
  answers: { 200: 'The task.', 404: 'There is none of that id.', 409: 'It has not ended.' },
  handle: async ({ params, body, actor, context }) => {
    const id = taskNumber(params.id)
    const task = await readTask(context.sql, id)
    if (body.State === 'Canceled' && task?.completedAt === null) await cancelTask(context.sql, id, actor)
    else await overrideState(context.sql, id, body.State, body.Reason, actor)
    return viewTask(context, id)
  },
})
