import { wireDate } from '../../dates.ts'
import { operation } from '../../operation.ts'
import { taskParams } from './task-params.ts'
import { readTaskRow, viewTasks } from './view-tasks.ts'

/** `GET /api/tasks/{id}/status/messages`. */
export const getStatusMessages = operation({
  method: 'GET',
  path: '/tasks/{id}/status/messages',
  scope: 'mixed',
  permission: 'TaskView',
  summary: 'What there is to say about a task in a sentence or two: why it waits, or how it ended',
  params: taskParams,
  answers: {
    200: 'An array of `{ Category, OccurredAt, MessageText, Detail, Number }`.',
    404: 'There is none of that id.',
  },
  handle: async ({ params, context }) => {
    const task = await readTaskRow(context, params.id)
    const [view] = await viewTasks(context, [task])
    const isTrouble = view?.HasWarningsOrErrors ?? false
    const messages = [
      ...(view?.WaitingBecause ? [{ category: 'Wait', text: view.WaitingBecause }] : []),
      ...(task.cause === null ? [] : [{ category: isTrouble ? 'Error' : 'Info', text: task.cause }]),
    ]
    return messages.map(({ category, text }, index) => ({
      Category: category,
      OccurredAt: wireDate(task.updatedAt),
      MessageText: text,
      Detail: null,
      Number: index,
    }))
  },
})
