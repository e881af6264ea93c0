import type { TaskFilter } from '../../api/tasks.ts'
import { type MomentOfTask, type Span, TASK_STATES, type TasksSearch } from '../tasks-search.ts'

export const PAGE_SIZE = 50

const MINUTE = 60_000
const LENGTHS: Readonly<Record<Exclude<Span, 'today'>, number>> = {
  '15m': 15 * MINUTE,
  '1h': 60 * MINUTE,
  '24h': 24 * 60 * MINUTE,
  '7d': 7 * 24 * 60 * MINUTE,
  '30d': 30 * 24 * 60 * MINUTE,
}
const FIELDS = {
  queued: ['fromQueueDate', 'toQueueDate'],
  started: ['fromStartDate', 'toStartDate'],
  completed: ['fromCompletedDate', 'toCompletedDate'],
} as const satisfies Record<MomentOfTask, readonly [keyof TaskFilter, keyof TaskFilter]>

/** What the address asks for in the words of the API. `now` in ms; a span begins at a whole minute, so that the server can keep its counts. */
export function filterOf(search: TasksSearch, now: number): TaskFilter {
  const { states, node, kind, text, page = 1 } = search
  return {
    ...textFilter(text),
    ...(states && states.length < TASK_STATES.length ? { states } : {}),
    ...(node ? { node } : {}),
    ...(kind ? { name: [kind] } : {}),
    ...timeFilter(search, now),
    skip: (page - 1) * PAGE_SIZE,
    take: PAGE_SIZE,
  }
}

/** `ServerTasks-12` or `#12` is the id of a task; anything else is looked for in the descriptions. */
function textFilter(text: string | undefined): TaskFilter {
  const words = text?.trim()
  if (!words) return {}
  const number = /^(?:servertasks-|#)(\d{1,15})$/i.exec(words)?.[1]
  return number === undefined ? { description: words } : { ids: [`ServerTasks-${number}`] }
}

function timeFilter({ by = 'queued', since, from, to }: TasksSearch, now: number): TaskFilter {
  const [fromField, toField] = FIELDS[by]
  const begin = since ? new Date(startOf(since, now)).toISOString() : from
  return { ...(begin ? { [fromField]: begin } : {}), ...(to && !since ? { [toField]: to } : {}) }
}

/** When a span that ends now began, in ms. */
export function startOf(span: Span, now: number): number {
  if (span === 'today') return new Date(now).setHours(0, 0, 0, 0)
  return Math.floor((now - LENGTHS[span]) / MINUTE) * MINUTE
}

/** True when the address leaves something out. */
export function isFiltered({ page: _page, by: _by, ...filters }: TasksSearch): boolean {
  return Object.keys(filters).length > 0
}

/** Of the address without the page: what a change of which begins the list anew. */
export function keyOf(search: TasksSearch): string {
  return JSON.stringify(Object.entries(search).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
