import { leaderFence } from '../cluster/leadership.ts'
import type { Timings } from '../cluster/timings.ts'
import type { Sql } from '../database/connect.ts'
import { HINT_CHANNEL, hintText } from '../database/hints.ts'
import { type Kind, type KindRegistry, tagOf } from '../tasks/kind.ts'
import { latestDueOf } from './jobs.ts'

/** The lead as its holder knows it. */
export interface Lead {
  incarnation: string
  term: number
}

/**
 * The leader's act: each job that is due becomes one task, however many due times were missed. Nothing is made when the
 * lead has changed hands, nor while the job's last task has not ended. Returns the names of the jobs it made due. `looks`
 * is the session for the look, where it shares a round trip with others' looks.
 */
export async function makeDue(
  sql: Sql,
  lead: Lead,
  registry: KindRegistry,
  timings: Timings,
  looks: Sql = sql,
): Promise<string[]> {
  const made: string[] = []
  for (const job of await selectDueJobs(looks)) {
    const kind = registry.find(job.kind)
    if (kind && (await makeJobDue(sql, lead, job, kind, timings)).length > 0) made.push(job.name)
  }
  return made
}

interface DueJob {
  name: string
  kind: string
  lastTask: number | null
}

/** A look without locks, which most of the time finds nothing. */
async function selectDueJobs(sql: Sql): Promise<DueJob[]> {
  return await sql<DueJob[]>`
    select name, kind, last_task as "lastTask" from recurring_job j
    where enabled and next_due <= clock_timestamp()
      and not exists (select from task t where t.id = j.last_task and t.completed_at is null)
    order by name limit 100`
}

/**
 * One statement under the fence, so that a leader which is frozen in its middle holds nobody up. The row must still name
 * the last task that was found to have ended: another run that was made meanwhile is one that this statement's snapshot
 * cannot see, so its end could not be asked for here. Whatever was missed before counts as done with this run.
 */
async function makeJobDue(sql: Sql, lead: Lead, job: DueJob, kind: Kind, timings: Timings): Promise<{ id: number }[]> {
  const parsed = kind.parse({})
  return await sql<{ id: number }[]>`
    with fence as materialized (${leaderFence(sql, lead.incarnation, lead.term)}
    ), job as materialized (
      select j.name, j.description, greatest(j.next_due, ${latestDueOf(sql)}) as due
      from recurring_job j, fence
      where j.name = ${job.name} and j.enabled and j.next_due <= clock_timestamp() and j.last_task is not distinct from ${job.lastTask}::bigint
      for update of j
    ), queued as (
      insert into task (kind, description, arguments, expiry_ms, expires_at, when_lost, task_lease_ms, leader_only, tag, created_by, job, job_due)
      select ${kind.name}, description, ${sql.json(parsed as never)}, ${timings.queueExpiryMs}::bigint,
        clock_timestamp() + ${timings.queueExpiryMs}::bigint * interval '1 ms', ${kind.whenLost}, ${timings.taskLeaseMs[kind.whenLost]}::int,
        ${kind.runsOn === 'leader'}::boolean, ${tagOf(kind, parsed) ?? null}::text, 'system', name, due
      from job
      on conflict do nothing
      returning id
    ), noted as (
      update recurring_job j set last_task = coalesce((select id from queued), j.last_task), last_due = job.due,
        next_due = ${latestDueOf(sql)} + j.every_ms * interval '1 ms'
      from job where j.name = job.name
      returning j.name
    ), hinted as (
      select pg_notify(${HINT_CHANNEL}, hint) from (
        select ${hintText('queue')}::text as hint from queued union select ${hintText('schedule')} from noted
        union select ${`${hintText('task')}:`}::text || id from queued) hints
    )
    select id from queued where (select count(*) from hinted) >= 0`
}
