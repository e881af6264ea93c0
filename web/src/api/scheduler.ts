import { queryOptions } from '@tanstack/react-query'
import type { Action } from './action.ts'
import { read } from './client.ts'
import type { Job, Scheduler } from './wire.ts'

/** The recurring jobs. */
export function schedulerQuery() {
  return queryOptions({
    queryKey: ['scheduler'],
    queryFn: ({ signal }) => read<Scheduler>('/scheduler', { signal }),
    refetchInterval: 10_000,
    meta: { topics: ['schedule', 'task'] },
  })
}

type Named = Pick<Job, 'Name'>

/** Pending until the job's task has ended, at most 20 s. The output is a sentence that names the task; the page shows it with a link. */
export const runJobNow: Action<{ job: Named }, string> = {
  run: ({ job }) => read('/scheduler/trigger', { query: { task: job.Name }, changes: true }),
  done: () => undefined,
  topics: ['schedule', 'task'],
}

export const switchJob: Action<{ job: Named; on: boolean }, string> = {
  run: ({ job, on }) => read(`/scheduler/${on ? 'start' : 'stop'}`, { query: { task: job.Name }, changes: true }),
  done: ({ job, on }) => `${job.Name} is switched ${on ? 'on' : 'off'}.`,
  topics: ['schedule'],
}
