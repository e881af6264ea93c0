import type { Cli } from './cli.ts'
import type { JobResource, SchedulerResource } from './wire.ts'

/**
 * Calls one of the scheduler's routes that act although they are GET, as the wire format has them, and resolves to its
 * sentence. Repeated only when it certainly was not heard.
 */
export function actOnJob({ api }: Cli, job: string, route: 'start' | 'stop' | 'trigger', holdMs = 0): Promise<string> {
  return api.text(`/api/scheduler/${route}`, { query: { task: job }, repeat: 'unheard', holdMs })
}

/** Switches a job, and shows the job with `--json`, else the server's sentence. */
export async function switchJob(cli: Cli, job: string, route: 'start' | 'stop'): Promise<void> {
  const sentence = await actOnJob(cli, job, route)
  if (cli.json) cli.screen.json(await readJob(cli, job))
  else cli.screen.text([sentence])
}

async function readJob({ api }: Cli, name: string): Promise<JobResource | undefined> {
  const { TaskStatus: jobs } = await api.get<SchedulerResource>('/api/scheduler')
  return jobs.find((job) => [job.Name, job.Id].some((text) => text.toLowerCase() === name.toLowerCase()))
}
