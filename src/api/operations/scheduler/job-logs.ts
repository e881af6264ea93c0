import { Readable } from 'node:stream'
import { z } from 'zod'
import { streamRawLog } from '../../../tasks/log-reader.ts'
import { readTask } from '../../../tasks/queries.ts'
import { operation } from '../../operation.ts'
import { activityNode } from '../../views/activity-log.ts'
import { readLogTree } from '../tasks/log-tree.ts'
import { treeFields, treeWish } from '../tasks/task-details.ts'
import { findJob } from './find-job.ts'

const params = z.object({ name: z.string().meta({ description: 'The Id or Name of the recurring job.' }) })

/** `GET /api/scheduler/{name}/logs`. */
export const getJobLog = operation({
  method: 'GET',
  path: '/scheduler/{name}/logs',
  scope: 'server',
  permission: 'TaskView',
  summary: "The log of a recurring job's last run, as a tree",
  params,
  query: z.object(treeFields),
  answers: { 200: '`{ Id, ActivityLog, Links }`.', 404: 'There is no such job.' },
  handle: async ({ params: { name }, query, context }) => {
    const wish = treeWish(query)
    const job = await findJob(context, name)
    const task = job.lastTask === null ? undefined : await readTask(context.sql, job.lastTask)
    const path = `/api/scheduler/${encodeURIComponent(job.name)}/logs`
    return {
      Id: job.name,
      ActivityLog: task ? await readLogTree(context.sql, task, wish) : notRunYet(job.name, job.description),
      Links: { Self: path, Raw: `${path}/raw` },
    }
  },
})

/** `GET /api/scheduler/{name}/logs/raw`. */
export const getJobRawLog = operation({
  method: 'GET',
  path: '/scheduler/{name}/logs/raw',
  scope: 'server',
  permission: 'TaskView',
  summary: "The log of a recurring job's last run, as text",
  params,
  answers: { 200: 'The lines, as `text/plain`.', 404: 'There is no such job.' },
  handle: async ({ params: { name }, context, reply }) => {
    const { lastTask } = await findJob(context, name)
    const lines = lastTask === null ? [] : streamRawLog(context.sql, lastTask)
    return reply.type('text/plain; charset=utf-8').send(Readable.from(lines, { objectMode: false }))
  },
})

function notRunYet(id: string, name: string) {
  return activityNode({
    id,
    name,
    status: 'Pending',
    started: null,
    ended: null,
    entries: [],
    children: [],
    message: 'It has not run yet.',
  })
}
