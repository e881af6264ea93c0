import { z } from 'zod'
import type { Actor } from '../../../identity/actor.ts'
import { setJobEnabled } from '../../../schedule/change-job.ts'
import { listJobs } from '../../../schedule/jobs.ts'
import type { ApiContext } from '../../context.ts'
import { operation } from '../../operation.ts'
import { findJob } from './find-job.ts'

const query = z.object({
  task: z.string().optional().meta({ description: 'The Id or Name of a recurring job; without it all of them.' }),
})

/** `GET /api/scheduler/start`: a GET that changes something, as the wire has it. */
export const startJobs = operation({
  method: 'GET',
  path: '/scheduler/start',
  scope: 'server',
  permission: 'TaskEdit',
  changes: true,
  summary: 'Switches a recurring job on, or all of them',
  query,
  answers: { 200: 'A sentence.', 404: 'There is no such job.' },
  handle: async ({ query: { task }, actor, context }) => switchJobs(context, task, true, actor),
})

/** `GET /api/scheduler/stop`: a GET that changes something, as the wire has it. */
export const stopJobs = operation({
  method: 'GET',
  path: '/scheduler/stop',
  scope: 'server',
  permission: 'TaskEdit',
  changes: true,
  summary: 'Switches a recurring job off, or all of them',
  query,
  answers: { 200: 'A sentence.', 404: 'There is no such job.' },
  handle: async ({ query: { task }, actor, context }) => switchJobs(context, task, false, actor),
})

async function switchJobs(
  context: ApiContext,
  task: string | undefined,
  enabled: boolean,
  actor: Actor,
): Promise<string> {
  const jobs = task === undefined ? await listJobs(context.sql) : [await findJob(context, task)]
  for (const job of jobs) await setJobEnabled(context.sql, job.name, enabled, actor)
  return `Switched ${enabled ? 'on' : 'off'}: ${jobs.map((job) => job.name).join(', ') || 'nothing, since there are no recurring jobs'}.`
}
