import { z } from 'zod'
import { type CancelResult, cancelTasks } from '../../../tasks/cancel-many.ts'
import { taskId } from '../../../tasks/task-row.ts'
import { operation } from '../../operation.ts'
import { MOST_CHANGED, taskIds } from './task-ids.ts'

/** `POST /api/tasks/cancel`. */
export const postCancelMany = operation({
  method: 'POST',
  path: '/tasks/cancel',
  scope: 'mixed',
  permission: 'TaskCancel',
  summary: `Cancels up to ${MOST_CHANGED} tasks, and says of each what happened`,
  description:
    'Each as if it had been cancelled alone. Sent again it changes nothing more. `Outcome` is `Canceled` (it waited and has ended), `Cancelling` (it runs and is being stopped), `AlreadyCancelling`, `AlreadyEnded` (`State` says how) or `NotFound`.',
  body: z.object({ TaskIds: taskIds() }),
  answers: { 200: '`{ Results: [{ TaskId, Outcome, State }], CanceledCount, CancellingCount }`.' },
  handle: async ({ body, actor, context }) => {
    const results = (await cancelTasks(context.sql, body.TaskIds, actor)).map(resultView)
    const count = (outcome: string) => results.filter((result) => result.Outcome === outcome).length
    return { Results: results, CanceledCount: count('Canceled'), CancellingCount: count('Cancelling') }
  },
})

function resultView({ id, found }: CancelResult) {
  const TaskId = taskId(id)
  switch (found) {
    case 'missing':
      return { TaskId, Outcome: 'NotFound', State: null }
    case 'Queued':
      return { TaskId, Outcome: 'Canceled', State: 'Canceled' }
    case 'Executing':
      return { TaskId, Outcome: 'Cancelling', State: 'Cancelling' }
    case 'Cancelling':
      return { TaskId, Outcome: 'AlreadyCancelling', State: found }
    default:
      return { TaskId, Outcome: 'AlreadyEnded', State: found }
  }
}
