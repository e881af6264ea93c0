import { leaderFence } from '../cluster/leadership.ts'
import type { Timings } from '../cluster/timings.ts'
import { inTransaction, sendHints } from '../cluster/transaction.ts'
import type { Sql, Transaction } from '../database/connect.ts'
import { only } from '../lib/must.ts'
import { enqueueTask } from '../tasks/enqueue.ts'
import type { KindRegistry } from '../tasks/kind.ts'
import { latestDue } from './jobs.ts'

/** The lead as its holder knows it. */
export interface Lead {
  incarnation: string
  term: number
}

/**
 * The leader's act: each job that is due becomes one task, however many due times were missed. Nothing is made when the
 * lead has changed hands, nor while the job's last task has not ended. Returns the names of the jobs it made due.
 */
export async function makeDue(sql: Sql, lead: Lead, registry: KindRegistry, timings: Timings): Promise<string[]> {
  const made: string[] = []
  for (const { name } of await selectDueJobs(sql)) {
    const task = await inTransaction(sql, (tx) => makeJobDue(tx, lead, name, registry, timings))
    if (task !== undefined) made.push(name)
  }
  return made
}

/** A look without locks, which most of the time finds nothing. */
async function selectDueJobs(sql: Sql): Promise<{ name: string }[]> {
  return await sql<{ name: string }[]>`
    select name from recurring_job j
    where enabled and next_due <= clock_timestamp()
      and not exists (select from task t where t.id = j.last_task and t.completed_at is null)
    order by name limit 100`
}

async function makeJobDue(tx: Transaction, lead: Lead, name: string, registry: KindRegistry, timings: Timings) {
  const fence = await leaderFence(tx, lead.incarnation, lead.term)
  if (fence.length === 0) return undefined
  const job = (await lockDueJob(tx, name))[0]
  const kind = job && registry.find(job.kind)
  if (!job || !kind) return undefined
  const parsed = kind.parse({})
  const task = await enqueueTask(tx, registry, timings, {
    kind: kind.name,
    arguments: parsed,
    description: job.description,
    space: null,
    createdBy: 'system',
    job: name,
    jobDue: job.due,
  })
  await noteRun(tx, name, task, job.due)
  return task
}

interface DueJob {
  kind: string
  description: string
  due: Date
}

/** The job under lock, once more with all conditions: another node may have been quicker. */
async function lockDueJob(tx: Transaction, name: string): Promise<DueJob[]> {
  return await tx<DueJob[]>`
    select j.kind, j.description, greatest(j.next_due, date_bin(j.every_ms * interval '1 ms', clock_timestamp(),
      timestamptz '2020-01-01 00:00:00Z' + j.offset_ms * interval '1 ms')) as due
    from recurring_job j
    where name = ${name} and enabled and next_due <= clock_timestamp()
      and not exists (select from task t where t.id = j.last_task and t.completed_at is null)
    for update`
}

/** Whatever was missed before counts as done with this run. */
async function noteRun(tx: Transaction, name: string, task: number, due: Date): Promise<void> {
  const row = only(
    await tx<{ every: number; offset: number }[]>`
      select every_ms as every, offset_ms as offset from recurring_job where name = ${name}`,
  )
  await tx`
    update recurring_job
    set last_task = ${task}, last_due = ${due}, next_due = ${latestDue(tx, row.every, row.offset)} + ${row.every} * interval '1 ms'
    where name = ${name}`
  await sendHints(tx, ['schedule'])
}
