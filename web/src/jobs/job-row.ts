import type { Job } from '../api/wire.ts'
import { durationText, timeSpanMs } from '../parts/dates.ts'

const UNDER_WAY = ['Queued', 'Executing', 'Cancelling']

/** True while the job's last task has not ended. */
function isUnderWay(job: Pick<Job, 'LastResult'>): boolean {
  return job.LastResult !== null && UNDER_WAY.includes(job.LastResult)
}

/** Why it cannot be run now, as a sentence; undefined when it can. */
export function whyNotNow(job: Pick<Job, 'LastResult' | 'LastTaskId' | 'Name'>): string | undefined {
  return isUnderWay(job) ? `${job.Name} is under way as ${job.LastTaskId}. It never runs twice at once.` : undefined
}

/** A TimeSpan of the wire for people; what is none stays as it is. */
export function spanText(span: string): string {
  const ms = timeSpanMs(span)
  if (ms === undefined) return span
  return ms < 1000 ? 'under 1 s' : durationText(ms)
}

/** When a job is due, as seen at `now`: `in 3 h 12 min`, `due now`, or by how much it is late. */
export function dueText(job: Pick<Job, 'NextDue' | 'IsOverdue'>, now: number): string {
  const left = Date.parse(job.NextDue) - now
  if (job.IsOverdue) return `by ${durationText(-left)}`
  return left <= 0 ? 'due now' : `in ${durationText(left)}`
}

/** The name of a node of that id. */
export function nodeNameOf(id: string): string {
  return id.replace(/^OctopusServerNodes-/, '')
}

interface RunResult {
  taskId: string | undefined
  isBad: boolean
}

/** What the server's sentence about a run says: `retention runs as ServerTasks-7: Success.` */
export function resultOf(sentence: string): RunResult {
  const [, taskId, state] = /(ServerTasks-\d+)(?:: (\w+)\.)?/.exec(sentence) ?? []
  return { taskId, isBad: state === 'Failed' || state === 'TimedOut' }
}

/** The sentence that warns of overdue jobs; undefined without any. */
export function overdueWarning(jobs: readonly Pick<Job, 'Name' | 'IsOverdue'>[]): string | undefined {
  const names = jobs.filter((job) => job.IsOverdue).map((job) => job.Name)
  if (names.length === 0) return undefined
  const what = `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} overdue.`
  return `${what} Look whether there is a leader, whether the queue is paused, and whether nodes have free slots.`
}
