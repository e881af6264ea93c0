import { z } from 'zod'
import { SECOND } from '../../../lib/clock.ts'
import { type LogPage, MAX_TAKE, readLog } from '../../../tasks/log-reader.ts'
import { isFinal } from '../../../tasks/queries.ts'
import type { ApiContext } from '../../context.ts'
import { notFound } from '../../ids.ts'
import { operation } from '../../operation.ts'
import { lineView } from '../../views/log-line-view.ts'
import { taskParams } from './task-params.ts'
import { type FollowedTask, readFollowedTasks, stampOf } from './task-stamps.ts'
import { taskNumber } from './view-tasks.ts'

const LONGEST_WAIT_SECONDS = 25

/** `GET /api/tasks/{id}/log`: part of the log, or, with `wait`, what comes next. */
export const getTaskLog = operation({
  method: 'GET',
  path: '/tasks/{id}/log',
  scope: 'mixed',
  permission: 'TaskView',
  summary: 'Lines of the log of a task, also while it runs',
  description: 'To follow a log, ask again from `Next` with `wait` until `IsCompleted`.',
  params: taskParams,
  query: z.object({
    from: z.int().min(0).default(0).meta({ description: 'The first line wanted, counted from 0.' }),
    take: z
      .int()
      .min(1)
      .optional()
      .meta({ description: `How many lines at most; never more than ${MAX_TAKE}.` }),
    tail: z.int().min(0).optional().meta({ description: 'The last so many lines, instead of `from`.' }),
    wait: z
      .number()
      .min(0)
      .max(LONGEST_WAIT_SECONDS)
      .default(0)
      .meta({ description: 'Seconds to wait for something to show.' }),
  }),
  answers: {
    200: '`{ TaskId, From, Next, TotalLines, IsCompleted, State, Lines }`.',
    404: 'There is none of that id.',
  },
  handle: async ({ params, query, context, reply }) => {
    const id = taskNumber(params.id)
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    const range = {
      from: query.from,
      ...(query.take === undefined ? {} : { take: query.take }),
      ...(query.tail === undefined ? {} : { tail: query.tail }),
    }
    const endMs = context.clock.monotonicMs() + query.wait * SECOND
    for (;;) {
      const since = context.live.waiters.now()
      const { task, page } = await readState(context, id, range)
      const leftMs = endMs - context.clock.monotonicMs()
      const hasNews = page.entries.length > 0 || isFinal(task.state)
      const isOver = hasNews || !(await context.live.waiters.wait(id, stampOf(task), since, leftMs, gone.signal))
      if (isOver) return logView(task, page)
    }
  },
})

/** The state is read before the log, so that the log of a task that has ended is whole. */
async function readState(
  context: ApiContext,
  id: number,
  range: Parameters<typeof readLog>[2],
): Promise<{ task: FollowedTask; page: LogPage }> {
  const [task] = await readFollowedTasks(context.sql, [id])
  if (!task) throw notFound('task', `ServerTasks-${id}`)
  return { task, page: await readLog(context.sql, id, range) }
}

function logView(task: FollowedTask, page: LogPage) {
  return {
    TaskId: `ServerTasks-${task.id}`,
    From: page.from,
    Next: page.next,
    TotalLines: page.total,
    IsCompleted: isFinal(task.state) && page.next >= page.total,
    State: task.state,
    Lines: page.entries.map(lineView),
  }
}
