import type { Timings } from '../cluster/timings.ts'
import { inTransaction, sendHints } from '../cluster/transaction.ts'
import type { Sql, Transaction } from '../database/connect.ts'
import type { Actor } from '../identity/actor.ts'
import { recordEvent } from '../identity/audit.ts'
import { Refusal } from '../lib/errors.ts'
import { only } from '../lib/must.ts'
import { enqueueTask } from '../tasks/enqueue.ts'
import type { KindRegistry } from '../tasks/kind.ts'

/** Switches a job on or off. 404 for a job that does not exist. A job that is switched on again runs once for all it missed. */
export async function setJobEnabled(sql: Sql, name: string, enabled: boolean, actor: Actor): Promise<void> {
  await inTransaction(sql, async (tx) => {
    const job = await lockJob(tx, name)
    if (job.enabled === enabled) return
    await tx`
      update recurring_job set enabled = ${enabled}, modified_at = clock_timestamp(), modified_by = ${actor.username}
      where name = ${name}`
    await recordEvent(tx, {
      category: 'Modified',
      message: `The recurring job ${name} was switched ${enabled ? 'on' : 'off'}.`,
      actor,
      related: [`ScheduledTasks-${name}`],
      before: { IsEnabled: job.enabled },
      after: { IsEnabled: enabled },
    })
    await sendHints(tx, ['schedule'])
  })
}

/**
 * Queues a run of the job now, from any node, whether it is switched on or off; returns the task. 409 while its last task
 * has not ended, so that there are never two at once. Its next due time stays.
 */
export async function runJobNow(
  sql: Sql,
  name: string,
  parts: { registry: KindRegistry; timings: Timings },
  actor: Actor,
): Promise<number> {
  return await inTransaction(sql, async (tx) => {
    const job = await lockJob(tx, name)
    if (job.unfinished !== null) {
      throw new Refusal(
        'Conflict',
        `The job ${name} is under way as ServerTasks-${job.unfinished}; it is not run twice at once.`,
      )
    }
    const kind = parts.registry.find(job.kind)
    if (!kind)
      throw new Refusal('Conflict', `This node does not know the kind ${job.kind}: another version of Tako may.`)
    const { now } = only(await tx<{ now: Date }[]>`select clock_timestamp() as now`)
    const task = await enqueueTask(tx, parts.registry, parts.timings, {
      kind: kind.name,
      arguments: kind.parse({}),
      description: job.description,
      space: null,
      createdBy: actor.username,
      job: name,
      jobDue: now,
    })
    await tx`update recurring_job set last_task = ${task}, last_due = ${now} where name = ${name}`
    await recordEvent(tx, {
      category: 'Modified',
      message: `The recurring job ${name} was started by hand.`,
      actor,
      related: [`ScheduledTasks-${name}`, `ServerTasks-${task}`],
    })
    await sendHints(tx, ['schedule'])
    return task
  })
}

interface LockedJob {
  kind: string
  description: string
  enabled: boolean
  unfinished: number | null
}

/** The job under lock; only then, in a later statement, whether its last task has ended: whoever held the lock may have made one. */
async function lockJob(tx: Transaction, name: string): Promise<LockedJob> {
  const [job] = await tx<(Omit<LockedJob, 'unfinished'> & { lastTask: number | null })[]>`
    select kind, description, enabled, last_task as "lastTask" from recurring_job where name = ${name} for update`
  if (!job) throw new Refusal('NotFound', `There is no recurring job named "${name}".`)
  const [last] = await tx<{ id: number }[]>`select id from task where id = ${job.lastTask} and completed_at is null`
  return { ...job, unfinished: last?.id ?? null }
}
