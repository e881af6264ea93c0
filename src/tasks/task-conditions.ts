import type { Sql } from '../database/connect.ts'
import type { TaskState } from './kind.ts'
import type { TaskFilter } from './queries.ts'

/** A part of all tasks, each but `all` with indexes of its own. */
export type Arm = 'all' | 'ended' | 'running' | 'queued' | 'troubled'

/** A filter with the kinds that its names stand for, as far as tasks of them have ended. */
export interface Narrowed extends TaskFilter {
  endedKinds?: readonly string[]
}

/** Finds out which kinds the names mean: ended tasks are found by the exact name, through an index. */
export async function narrow(sql: Sql, filter: TaskFilter): Promise<Narrowed> {
  if (!filter.kinds && filter.partialKind === undefined) return filter
  const names = filter.kinds?.map((kind) => kind.toLowerCase())
  const part = filter.partialKind?.toLowerCase() ?? ''
  const kinds = await selectEndedKinds(sql)
  const isMeant = (kind: string) => (names?.includes(kind) ?? true) && kind.includes(part)
  return { ...filter, endedKinds: kinds.map(({ kind }) => kind).filter((kind) => isMeant(kind.toLowerCase())) }
}

/** Walks the index from one kind to the next. */
async function selectEndedKinds(sql: Sql): Promise<{ kind: string }[]> {
  return await sql<{ kind: string }[]>`
    with recursive kinds as (
      (select kind from task where completed_at is not null order by kind, id limit 1)
      union all
      select next.kind from kinds k, lateral (
        select kind from task where completed_at is not null and kind > k.kind order by kind, id limit 1) next
    )
    select kind from kinds`
}

/** True when what has ended and what has not are better looked for apart: each then has an index for the filter. */
export function hasArms({ node, endedKinds }: Narrowed): boolean {
  return node !== undefined || endedKinds !== undefined
}

/**
 * The conditions of a filter. What each partial index is for stands in the words of its definition, since the planner
 * compares them as they are written.
 */
export function conditions(sql: Sql, filter: Narrowed, arm: Arm) {
  const parts = [
    armCondition(sql, arm, filter.node),
    filter.ids && sql`t.id = any (${filter.ids as number[]}::bigint[])`,
    kindCondition(sql, filter, arm),
    filter.description && sql`t.description ilike ${contains(filter.description)}`,
    filter.states && stateCondition(sql, filter.states),
    filter.node !== undefined && sql`t.node = ${filter.node}`,
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
  const within = sql`t.state = any (${states as TaskState[]}::text[]::task_state[])`
  if (isOnly(['Queued'])) return sql`t.state = 'Queued'`
  if (isOnly(['Executing', 'Cancelling'])) return sql`t.state in ('Executing', 'Cancelling') and ${within}`
  if (isOnly(['Failed', 'Canceled', 'TimedOut'])) {
    return sql`(t.state in ('Failed', 'Canceled', 'TimedOut') or t.has_warnings) and ${within}`
  }
  return within
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

/** Waiting tasks have no node, so a filter on nodes leaves only those that run. */
function armCondition(sql: Sql, arm: Arm, node: string | undefined) {
  switch (arm) {
    case 'all':
      return undefined
    case 'ended':
      return sql`t.completed_at is not null`
    case 'running':
      return sql`t.state in ('Executing', 'Cancelling')`
    case 'queued':
      return node === undefined ? sql`t.state = 'Queued'` : sql`false`
    case 'troubled':
      return sql`(t.state in ('Failed', 'Canceled', 'TimedOut') or t.has_warnings)`
  }
}

/** One kind by equality, since only then does its index give the order of the list. */
function kindCondition(sql: Sql, { kinds, partialKind, endedKinds }: Narrowed, arm: Arm) {
  if (endedKinds === undefined) return undefined
  if (arm === 'ended' || arm === 'troubled') {
    const [only, ...others] = endedKinds
    if (only === undefined) return sql`false`
    return others.length === 0 ? sql`t.kind = ${only}` : sql`t.kind = any (${endedKinds as string[]}::text[])`
  }
  const named = kinds && sql`lower(t.kind) = any (${kinds.map((kind) => kind.toLowerCase())}::text[])`
  const partly = partialKind === undefined ? undefined : sql`t.kind ilike ${contains(partialKind)}`
  return named && partly ? sql`${named} and ${partly}` : (named ?? partly)
}
