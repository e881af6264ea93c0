import type { Queryable, Sql } from '../database/connect.ts'
import type { TaskState } from './kind.ts'
import { FINAL_STATES, type TaskRow, taskColumns } from './task-row.ts'

/** What a list of tasks is narrowed to; what is absent does not narrow. All conditions hold together. */
export interface TaskFilter {
  ids?: readonly number[]
  /** Names of kinds, in any case. */
  kinds?: readonly string[]
  /** Part of the kind's name, in any case. */
  partialKind?: string
  /** Part of the description, in any case. */
  description?: string
  states?: readonly TaskState[]
  /** A node's name. */
  node?: string
  /** Executing or Cancelling, or else not. */
  running?: boolean
  /** Not ended, or else ended. */
  active?: boolean
  hasWarningsOrErrors?: boolean
  /** Only these spaces; with `includeSystem` also tasks of none. Absent: all. */
  spaces?: readonly string[]
  includeSystem?: boolean
  queuedFrom?: Date
  queuedTo?: Date
  startedFrom?: Date
  startedTo?: Date
  completedFrom?: Date
  completedTo?: Date
}

/** One task, or undefined. */
export async function readTask(sql: Queryable, id: number): Promise<TaskRow | undefined> {
  const rows = await sql<TaskRow[]>`select ${taskColumns(sql)} from task t where t.id = ${id}`
  return rows[0]
}

/** Tasks newest first, long arguments left out. What is passed over is not read in full. */
export async function listTasks(
  sql: Sql,
  filter: TaskFilter,
  page: { skip: number; take: number },
): Promise<TaskRow[]> {
  return await sql<TaskRow[]>`
    select ${taskColumns(sql, briefArguments(sql))} from task t
    where t.id = any (array(
      select t.id from task t where ${conditions(sql, filter)} order by t.id desc limit ${page.take} offset ${page.skip}))
    order by t.id desc`
}

/** Up to so many bytes, as stored, lists show arguments: a page of scripts of a MiB each would be more than a node can hold. */
export const LISTED_ARGUMENT_BYTES = 4000

function briefArguments(sql: Sql) {
  return sql`case when pg_column_size(t.arguments) <= ${LISTED_ARGUMENT_BYTES}::int then t.arguments else '{}' end as arguments`
}

/** Up to here each part of a list is counted: beyond it nobody pages, and exact counts of many tasks take long. */
export const COUNT_LIMIT = 10_000

/**
 * How many tasks of each state the filter leaves; states without tasks are absent. Counted in four parts (waiting, running,
 * ended badly, ended well), each up to `COUNT_LIMIT`, so a number from there on means «at least».
 *
 * Each part walks an index of its own in that index's order. Left to itself the planner takes a scan of the table for the
 * shortest way to so many rows, and since such scans begin where the last one left off, it may pass by a million others
 * first. The limit is a literal for the same reason: of a parameter the planner expects a tenth of all.
 */
export async function countByState(sql: Sql, filter: TaskFilter): Promise<Partial<Record<TaskState, number>>> {
  const within = conditions(sql, filter)
  const rows = await sql<{ state: TaskState; count: number }[]>`
    select state, count(*) from (
      (select t.state from task t where t.state = 'Queued' and ${within} order by t.expires_at limit 10000)
      union all
      (select t.state from task t where t.state in ('Executing', 'Cancelling') and ${within} limit 10000)
      union all
      (select t.state from task t
       where (t.state in ('Failed', 'Canceled', 'TimedOut') or t.has_warnings) and t.state in ('Failed', 'Canceled', 'TimedOut') and ${within}
       order by t.id desc limit 10000)
      union all
      (select t.state from task t where t.state = 'Success' and t.completed_at is not null and ${within} order by t.completed_at desc limit 10000)
    ) counted group by state`
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
}

/**
 * The conditions of a filter. What each partial index is for stands in the words of its definition, since the planner
 * compares them as they are written.
 */
function conditions(sql: Sql, filter: TaskFilter) {
  const parts = [
    filter.ids && sql`t.id = any (${filter.ids as number[]}::bigint[])`,
    filter.kinds && sql`lower(t.kind) = any (${filter.kinds.map((kind) => kind.toLowerCase())}::text[])`,
    filter.partialKind && sql`t.kind ilike ${contains(filter.partialKind)}`,
    filter.description && sql`t.description ilike ${contains(filter.description)}`,
    filter.states && stateCondition(sql, filter.states),
    filter.node !== undefined && nodeCondition(sql, filter.node),
    filter.running !== undefined && runningCondition(sql, filter.running),
    filter.active !== undefined && (filter.active ? sql`t.completed_at is null` : sql`t.completed_at is not null`),
    filter.hasWarningsOrErrors !== undefined && troubleCondition(sql, filter.hasWarningsOrErrors),
    spaceCondition(sql, filter),
    filter.queuedFrom && sql`t.queue_time >= ${filter.queuedFrom}`,
    filter.queuedTo && sql`t.queue_time <= ${filter.queuedTo}`,
    filter.startedFrom && sql`t.started_at >= ${filter.startedFrom}`,
    filter.startedTo && sql`t.started_at <= ${filter.startedTo}`,
    filter.completedFrom && sql`t.completed_at is not null and t.completed_at >= ${filter.completedFrom}`,
    filter.completedTo && sql`t.completed_at is not null and t.completed_at <= ${filter.completedTo}`,
  ]
  return parts.reduce<ReturnType<Sql>>((all, part) => (part ? sql`${all} and ${part}` : all), sql`true`)
}

/** A pattern for ILIKE that means the text itself. */
function contains(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, (character) => `\\${character}`)}%`
}

function stateCondition(sql: Sql, states: readonly TaskState[]) {
  const isOnly = (wanted: readonly TaskState[]) => states.length > 0 && states.every((state) => wanted.includes(state))
  const within = sql`t.state = any (${states as TaskState[]}::text[])`
  if (isOnly(['Queued'])) return sql`t.state = 'Queued'`
  if (isOnly(['Executing', 'Cancelling'])) return sql`t.state in ('Executing', 'Cancelling') and ${within}`
  if (isOnly(['Failed', 'Canceled', 'TimedOut'])) {
    return sql`(t.state in ('Failed', 'Canceled', 'TimedOut') or t.has_warnings) and ${within}`
  }
  return within
}

/** Each arm implies the condition of an index: the finished tasks of a node have one, the running ones are few. */
function nodeCondition(sql: Sql, node: string) {
  return sql`((t.node = ${node} and t.completed_at is not null) or (t.node = ${node} and t.state in ('Executing', 'Cancelling')))`
}

function runningCondition(sql: Sql, running: boolean) {
  return running ? sql`t.state in ('Executing', 'Cancelling')` : sql`t.state not in ('Executing', 'Cancelling')`
}

function troubleCondition(sql: Sql, wanted: boolean) {
  return wanted
    ? sql`(t.state in ('Failed', 'Canceled', 'TimedOut') or t.has_warnings) and (t.state in ('Failed', 'TimedOut') or t.has_warnings)`
    : sql`not (t.state in ('Failed', 'TimedOut') or t.has_warnings)`
}

function spaceCondition(sql: Sql, { spaces, includeSystem }: TaskFilter) {
  if (!spaces) return includeSystem === false ? sql`t.space is not null` : undefined
  const inSpaces = sql`t.space = any (${spaces as string[]}::text[])`
  return includeSystem ? sql`(t.space is null or ${inSpaces})` : inSpaces
}

/** An attempt that has ended, or the present one. */
export interface AttemptRow {
  attempt: number
  node: string | null
  startedAt: Date | null
  endedAt: Date | null
  outcome: string | null
  cause: string | null
}

/** The attempts of a task in order; those handed back unstarted are told apart by their outcome. */
export async function taskAttempts(sql: Sql, id: number): Promise<AttemptRow[]> {
  return await sql<AttemptRow[]>`
    select attempt, node, started_at as "startedAt", ended_at as "endedAt", outcome, cause from task_attempt where task_id = ${id}
    union all
    select t.attempt, t.node, t.started_at, t.completed_at, case when t.completed_at is null then null else t.state end, t.cause
    from task t
    where t.id = ${id} and t.attempt > 0 and t.started_at is not null and t.node is not null
      and not exists (select from task_attempt a where a.task_id = t.id and a.attempt = t.attempt)
    order by attempt`
}

/** Tasks that start before this one, first to start first; empty when it does not wait. */
export async function queuedBehind(sql: Sql, id: number, page: { skip: number; take: number }): Promise<TaskRow[]> {
  return await sql<TaskRow[]>`
    select ${taskColumns(sql, briefArguments(sql))} from task t, task me
    where me.id = ${id} and me.state = 'Queued' and t.state = 'Queued' and t.due and t.id <> me.id and ${isAhead(sql)}
    order by t.top, t.rank, t.queue_time, t.id limit ${page.take} offset ${page.skip}`
}

/** How many wait before this one: 0 at the head of the queue; undefined when it does not wait. A task with a future queue time counts as behind all that are due. */
export async function queuePosition(sql: Sql, id: number): Promise<number | undefined> {
  const rows = await sql<{ ahead: number }[]>`
    select (select count(*) from task t where t.state = 'Queued' and t.due and t.id <> me.id and ${isAhead(sql)}) as ahead
    from task me where me.id = ${id} and me.state = 'Queued'`
  return rows[0]?.ahead
}

/** The order of the queue, which is also the order of the claim. */
function isAhead(sql: Sql) {
  return sql`(not me.due or (t.top, t.rank, t.queue_time, t.id) < (me.top, me.rank, me.queue_time, me.id))`
}

/** True for a state that lasts. */
export function isFinal(state: TaskState): boolean {
  return (FINAL_STATES as readonly TaskState[]).includes(state)
}
