import { Readable } from 'node:stream'
import { streamRawLog } from '../../../tasks/log-reader.ts'
import { operation } from '../../operation.ts'
import { taskParams } from './task-params.ts'
import { readTaskRow } from './view-tasks.ts'

/** `GET /api/tasks/{id}/raw`. */
export const getRawLog = operation({
  method: 'GET',
  path: '/tasks/{id}/raw',
  scope: 'mixed',
  permission: 'TaskView',
  summary: 'The whole log of a task as text',
  params: taskParams,
  answers: { 200: 'The lines, as `text/plain`.', 404: 'There is none of that id.' },
  handle: async ({ params, context, reply }) => {
    const { id } = await readTaskRow(context, params.id)
    return reply
      .type('text/plain; charset=utf-8')
      .send(Readable.from(streamRawLog(context.sql, id), { objectMode: false }))
  },
})
