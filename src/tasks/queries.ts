import type { Queryable, Sql } from '../database/connect.ts'
import type { TaskState } from './kind.ts'
import { type Arm, conditions, hasArms, narrow } from './task-conditions.ts'
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
  const narrowed = await narrow(sql, filter)
  const reach = page.skip + page.take
  const newest = (arm: Arm) => sql`
    (select t.id from task t where ${conditions(sql, narrowed, arm)} order by ${orderOf(sql, arm, filter)} desc limit ${reach})`
  const found = hasArms(narrowed)
    ? sql`select id from (${newest('ended')} union all ${newest('queued')} union all ${newest('running')}) t`
    : sql`select id from ${newest('all')} t`
  return await sql<TaskRow[]>`
    select ${taskColumns(sql, briefArguments(sql))} from task t
    where t.id = any (array(${found} order by id desc limit ${page.take} offset ${page.skip}))
    order by t.id desc`
}

/**
 * What waits, what runs, and what ended between two dates is found by the indexes that hold just that, and then sorted. By
 * the plain id the planner would walk the whole table backwards for the first few that fit, which there may be none of.
 */
function orderOf(sql: Sql, arm: Arm, { completedFrom, completedTo }: TaskFilter) {
  const isNarrow = arm === 'queued' || arm === 'running' || (completedFrom !== undefined && completedTo !== undefined)
  return isNarrow ? sql`t.id + 0` : sql`t.id`
}

/** Up to so many bytes, as stored, lists show arguments: a page of scripts of a MiB each would be more than a node can hold. */
export const LISTED_ARGUMENT_BYTES = 4000

/** The arguments as lists show them. */
export function briefArguments(sql: Sql) {
  return sql`case when pg_column_size(t.arguments) <= ${LISTED_ARGUMENT_BYTES}::int then t.arguments else '{}' end as arguments`
}

/**
 * How many tasks of each state the filter leaves; states without tasks are absent. Of what ended only the troubled ones are
 * read: the others are counted by an index that holds just them, where the filter has one, and must have been successes.
 */
export async function countByState(sql: Sql, filter: TaskFilter): Promise<Partial<Record<TaskState, number>>> {
  const narrowed = await narrow(sql, filter)
  const where = (arm: Arm) => conditions(sql, narrowed, arm)
  const rows = await sql<{ state: TaskState | 'ended'; count: number }[]>`
    select t.state::text as state, count(*) as count from task t where ${where('running')} group by t.state
    union all select t.state::text, count(*) from task t where ${where('queued')} group by t.state
    union all select t.state::text, count(*) from task t where ${where('troubled')} and t.state in ('Failed', 'Canceled', 'TimedOut') group by t.state
    union all select 'ended', count(*) from task t where ${where('ended')}`
  const counts = new Map(rows.map(({ state, count }) => [state, count]))
  const troubled = (['Failed', 'Canceled', 'TimedOut'] as const).reduce(
    (sum, state) => sum + (counts.get(state) ?? 0),
    0,
  )
  counts.set('Success', (counts.get('ended') ?? 0) - troubled)
  counts.delete('ended')
  return Object.fromEntries([...counts].filter(([, count]) => count > 0))
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
    select t.attempt, t.node, t.started_at, t.completed_at, case when t.completed_at is null then null else t.state::text end, t.cause
    from task t
    where t.id = ${id} and t.attempt > 0 and t.started_at is not null and t.node is not null
      and not exists (select from task_attempt a where a.task_id = t.id and a.attempt = t.attempt)
    order by attempt`
}

/** Tasks that start before this one, first to start first; empty when it does not wait. */
export async function queuedBehind(sql: Sql, id: number, page: { skip: number; take: number }): Promise<TaskRow[]> {
  const place = await readPlace(sql, id)
  if (!place) return []
  const reach = page.skip + page.take
  const first = (tagged: boolean) => sql`
    (select t.top, t.rank, t.queue_time, t.id from task t where ${aheadOf(sql, place, tagged)}
     order by t.top, t.rank, t.queue_time, t.id limit ${reach})`
  return await sql<TaskRow[]>`
    select ${taskColumns(sql, briefArguments(sql))} from task t
    where t.id = any (array(
      select id from (${first(false)} union all ${first(true)}) t
      order by top, rank, queue_time, id limit ${page.take} offset ${page.skip}))
    order by t.top, t.rank, t.queue_time, t.id`
}

/** How many wait before this one: 0 at the head of the queue; undefined when it does not wait. A task with a future queue time counts as behind all that are due. */
export async function queuePosition(sql: Sql, id: number): Promise<number | undefined> {
  const place = await readPlace(sql, id)
  if (!place) return undefined
  const rows = await sql<{ ahead: number }[]>`
    select (select count(*) from task t where ${aheadOf(sql, place, false)})
      + (select count(*) from task t where ${aheadOf(sql, place, true)}) as ahead`
  return rows[0]?.ahead
}

/** Positions in a list are told of so many tasks from the head of the queue on. */
const NUMBERED = 1000

/** How many wait before each of these; those that do not wait, or are further back than the first 1000, are left out. */
export async function queuePositions(sql: Sql, ids: readonly number[]): Promise<Map<number, number>> {
  const head = (tagged: boolean) => sql`
    (select id, top, rank, queue_time from task where state = 'Queued' and due and tag is ${tagged ? sql`not null` : sql`null`}
     order by top, rank, queue_time, id limit ${NUMBERED})`
  const rows = await sql<{ id: number; position: number }[]>`
    select id, position from (
      select id, row_number() over (order by top, rank, queue_time, id) - 1 as position
      from (${head(false)} union all ${head(true)}) heads) numbered
    where position < ${NUMBERED} and id = any (${ids as number[]}::bigint[])`
  return new Map(rows.map(({ id, position }) => [id, position]))
}

/** Where a task stands in the queue; the time as text, and a text for the driver as well, since a Date has no microseconds. */
interface Place {
  id: number
  due: boolean
  top: number
  rank: number
  queueTime: string
}

async function readPlace(sql: Sql, id: number): Promise<Place | undefined> {
  const rows = await sql<Place[]>`
    select id, due, top, rank, queue_time::text as "queueTime" from task where id = ${id} and state = 'Queued'`
  return rows[0]
}

/** The order of the queue is that of the claim, and of the index that holds those without a tag. */
function aheadOf(sql: Sql, { id, due, top, rank, queueTime }: Place, tagged: boolean) {
  const waiting = tagged
    ? sql`t.state = 'Queued' and t.due and t.tag is not null`
    : sql`t.state = 'Queued' and t.due and t.tag is null`
  if (!due) return waiting
  return sql`${waiting} and (t.top, t.rank, t.queue_time, t.id) < (${top}, ${rank}, ${queueTime}::text::timestamptz, ${id})`
}

/** True for a state that lasts. */
export function isFinal(state: TaskState): boolean {
  return (FINAL_STATES as readonly TaskState[]).includes(state)
}
