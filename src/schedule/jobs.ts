import type { Queryable, Sql } from '../database/connect.ts'
import { jitterMs } from './due-times.ts'

/** A recurring job: when it is due, the leader turns it into a task of its kind. */
export interface RecurringJob {
  /** Its id in the API, lower case. */
  readonly name: string
  readonly kind: string
  readonly description: string
  readonly everyMs: number
}

/** A recurring job with its last run and its next. */
export interface JobRow {
  name: string
  kind: string
  description: string
  everyMs: number
  enabled: boolean
  nextDue: Date
  lastDue: Date | null
  lastTask: number | null
  lastNode: string | null
  lastStarted: Date | null
  lastCompleted: Date | null
  lastState: string | null
  /** Not run for two periods beyond its due time, or its last task has not ended for so long. */
  isOverdue: boolean
  modifiedAt: Date
  modifiedBy: string | null
}

/**
 * Enters jobs that the database does not have yet, each due for the first time within a period, and brings description,
 * kind and period of the others up to date. Whether a job is enabled is the operators' word and stays.
 */
export async function ensureJobs(sql: Sql, jobs: readonly RecurringJob[], installationId: string): Promise<void> {
  for (const job of jobs) await insertOrUpdateJob(sql, job, jitterMs(job.name, installationId, job.everyMs))
}

/** Due times lie on a grid: whole periods from a fixed day, shifted by the job's offset. */
async function insertOrUpdateJob(sql: Sql, job: RecurringJob, offsetMs: number): Promise<void> {
  await sql`
    insert into recurring_job (name, kind, description, every_ms, offset_ms, next_due)
    values (${job.name}, ${job.kind}, ${job.description}, ${job.everyMs}, ${offsetMs},
            ${latestDue(sql, job.everyMs, offsetMs)} + ${job.everyMs} * interval '1 ms')
    on conflict (name) do update
    set kind = excluded.kind, description = excluded.description, every_ms = excluded.every_ms, offset_ms = excluded.offset_ms,
        next_due = case when recurring_job.every_ms = excluded.every_ms then recurring_job.next_due else excluded.next_due end
    where (recurring_job.kind, recurring_job.description, recurring_job.every_ms) is distinct from (excluded.kind, excluded.description, excluded.every_ms)`
}

/** The same for a job `j` by its own columns. */
export function latestDueOf(sql: Queryable) {
  return sql`date_bin(j.every_ms * interval '1 ms', clock_timestamp(), timestamptz '2020-01-01 00:00:00Z' + j.offset_ms * interval '1 ms')`
}

/** The latest moment of the grid that has passed. */
function latestDue(sql: Queryable, everyMs: number, offsetMs: number) {
  return sql`date_bin(${everyMs} * interval '1 ms', clock_timestamp(), timestamptz '2020-01-01 00:00:00Z' + ${offsetMs} * interval '1 ms')`
}

/** Every recurring job by name, with what its last task did. */
export async function listJobs(sql: Sql): Promise<JobRow[]> {
  return await sql<JobRow[]>`
    select j.name, j.kind, j.description, j.every_ms as "everyMs", j.enabled, j.next_due as "nextDue", j.last_due as "lastDue",
      j.last_task as "lastTask", t.node as "lastNode", t.started_at as "lastStarted", t.completed_at as "lastCompleted",
      t.state as "lastState", j.modified_at as "modifiedAt", j.modified_by as "modifiedBy",
      j.enabled and clock_timestamp() > j.next_due + 2 * j.every_ms * interval '1 ms' as "isOverdue"
    from recurring_job j left join task t on t.id = j.last_task
    order by j.name`
}
