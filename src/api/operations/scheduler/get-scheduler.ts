import { listJobs } from '../../../schedule/jobs.ts'
import { operation } from '../../operation.ts'
import { schedulerView } from '../../views/job-view.ts'

/** `GET /api/scheduler`. */
export const getScheduler = operation({
  method: 'GET',
  path: '/scheduler',
  scope: 'server',
  permission: 'TaskView',
  summary: 'The recurring jobs: last run, on which node, how long, with what result, and when next',
  answers: { 200: '`{ Id, IsRunning, TaskStatus, Links }`.' },
  handle: async ({ context }) => schedulerView(await listJobs(context.sql)),
})
