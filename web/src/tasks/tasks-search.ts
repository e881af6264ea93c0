import type { TaskState } from '../api/wire.ts'
import { readDate, readList, readNumber, readOneOf, readText } from '../parts/search-params.ts'

/** In the order of a task's life. */
export const TASK_STATES = [
  'Queued',
  'Executing',
  'Cancelling',
  'Success',
  'Failed',
  'TimedOut',
  'Canceled',
] as const satisfies readonly TaskState[]

/** How far back; `today` begins at midnight of the user's zone. */
export const SPANS = ['15m', '1h', 'today', '24h', '7d', '30d'] as const
export type Span = (typeof SPANS)[number]

/** Which of a task's moments the time is about. Queued by default. */
export const MOMENTS = ['queued', 'started', 'completed'] as const
export type MomentOfTask = (typeof MOMENTS)[number]

/** What the address of the list says beside its path. */
export interface TasksSearch {
  states?: TaskState[]
  /** Name or id of a node. */
  node?: string
  kind?: string
  /** In the description, or the id of a task. */
  text?: string
  by?: MomentOfTask
  since?: Span
  /** Dates instead of `since`. */
  from?: string
  to?: string
  /** From 1. */
  page?: number
}

/** Reads it; what cannot be meant is left out. */
export function readTasksSearch(raw: Record<string, unknown>): TasksSearch {
  const since = readOneOf(raw.since, SPANS)
  const read = {
    states: readList(raw.states, TASK_STATES),
    node: readText(raw.node),
    kind: readText(raw.kind),
    text: readText(raw.text),
    by: readOneOf(raw.by, MOMENTS),
    since,
    from: since ? undefined : readDate(raw.from),
    to: since ? undefined : readDate(raw.to),
    page: readNumber(raw.page, 2),
  }
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
}
