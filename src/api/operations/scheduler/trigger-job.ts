import { z } from 'zod'
import { SECOND } from '../../../lib/clock.ts'
import { runJobNow } from '../../../schedule/change-job.ts'
import { isFinal } from '../../../tasks/queries.ts'
import type { ApiContext } from '../../context.ts'
import { operation } from '../../operation.ts'
import { readFollowedTasks, stampOf } from '../tasks/task-stamps.ts'
import { findJob } from './find-job.ts'

/** So long the answer is held back for the end of the task, which clients expect. */
const WAIT_MS = 20 * SECOND

/** `GET /api/scheduler/trigger`: a GET that changes something, as the wire has it. */
export const triggerJob = operation({
  method: 'GET',
  path: '/scheduler/trigger',
  scope: 'server',
  permission: 'TaskEdit',
  changes: true,
  summary: 'Runs a recurring job now',
  description: `Answers when the task has ended, or after ${WAIT_MS / SECOND} seconds. Its next due time stays.`,
  query: z.object({ task: z.string().meta({ description: 'The Id or Name of the recurring job.' }) }),
  answers: { 200: 'A sentence that names the task.', 404: 'There is no such job.', 409: 'It is under way.' },
  handle: async ({ query, actor, context, reply }) => {
    const job = await findJob(context, query.task)
    const parts = { registry: context.kinds, timings: context.timings }
    const id = await runJobNow(context.sql, job.name, parts, actor)
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    return `${job.name} runs as ServerTasks-${id}: ${await stateAtTheEnd(context, id, gone.signal)}.`
  },
})

/** Its final state, or the state it is in when the time is over. */
async function stateAtTheEnd({ sql, live, clock }: ApiContext, id: number, signal: AbortSignal): Promise<string> {
  const endMs = clock.monotonicMs() + WAIT_MS
  for (;;) {
    const since = live.waiters.now()
    const [task] = await readFollowedTasks(sql, [id])
    if (!task || isFinal(task.state)) return task?.state ?? 'gone'
    const waited = await live.waiters.wait(id, stampOf(task), since, endMs - clock.monotonicMs(), signal)
    if (!waited) return task.state
  }
}
