import { Refusal } from '../../../lib/errors.ts'
import { type JobRow, listJobs } from '../../../schedule/jobs.ts'
import type { ApiContext } from '../../context.ts'

/** The recurring job of that name in any letter case; refuses with 404 and the names there are. */
export async function findJob({ sql }: ApiContext, name: string): Promise<JobRow> {
  const jobs = await listJobs(sql)
  const job = jobs.find((one) => one.name.toLowerCase() === name.toLowerCase())
  if (job) return job
  const known = jobs.length === 0 ? 'There are none.' : `There are: ${jobs.map((one) => one.name).join(', ')}.`
  throw new Refusal('NotFound', `There is no recurring job ${JSON.stringify(name.slice(0, 100))}. ${known}`)
}
