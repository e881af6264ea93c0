import { z } from 'zod'
import { Refusal } from '../../../lib/errors.ts'
import { searchLog } from '../../../tasks/log-search.ts'
import { isFinal } from '../../../tasks/queries.ts'
import { operation } from '../../operation.ts'
import { lineView } from '../../views/log-line-view.ts'
import { taskParams } from './task-params.ts'
import { readTaskRow } from './view-tasks.ts'

/** `GET /api/tasks/{id}/log/search`. */
export const getLogSearch = operation({
  method: 'GET',
  path: '/tasks/{id}/log/search',
  scope: 'mixed',
  permission: 'TaskView',
  summary: 'The lines of a log that contain a text',
  description:
    'In upper or lower case, as plain text. A call looks for about 1.5 s at most and may find fewer than there are, or none: ask again from `Next` until `IsAtEnd`. A line that is so long that it was cut is looked through piece by piece.',
  params: taskParams,
  query: z.object({
    text: z.string().min(1).max(200).meta({ description: 'What the lines contain: 1 to 200 characters of one line.' }),
    from: z.int().min(0).default(0).meta({ description: 'The first line to look at, counted from 0.' }),
    take: z.int().min(1).max(1000).default(100).meta({ description: 'How many lines at most.' }),
  }),
  answers: {
    200: '`{ TaskId, From, Next, TotalLines, IsAtEnd, IsCompleted, Lines }`; Lines as in `/log`.',
    404: 'There is none of that id.',
  },
  handle: async ({ params, query, context }) => {
    if (/[\r\n]/.test(query.text))
      throw new Refusal('BadRequest', 'text must be part of one line, without line breaks.')
    const task = await readTaskRow(context, params.id)
    const found = await searchLog(context.sql, task.id, query, context.clock)
    const isAtEnd = found.next >= found.total
    return {
      TaskId: `ServerTasks-${task.id}`,
      From: found.from,
      Next: found.next,
      TotalLines: found.total,
      IsAtEnd: isAtEnd,
      IsCompleted: isAtEnd && isFinal(task.state),
      Lines: found.entries.map(lineView),
    }
  },
})
