import type { EventFilter } from '../api/events.ts'
import type { AuditSearch, Span } from './audit-search.ts'

const HOUR = 3_600_000
const SPAN_MS: Readonly<Record<Span, number>> = { '1h': HOUR, '24h': 24 * HOUR, '7d': 168 * HOUR, '30d': 720 * HOUR }
const ID = /^(OctopusServerNodes|ServerTasks|ScheduledTasks|Users|APIKeys|Queue|Leadership)-/i

/** The filter of the API that an address means at `now` (ms). */
export function filterOf(search: AuditSearch, now: number): EventFilter {
  if (search.event !== undefined) return { ids: [search.event] }
  const { regarding, user, group, category, node, span } = search
  const about = regarding === undefined ? [] : idsOf(regarding)
  const from = span ? new Date(now - SPAN_MS[span]).toISOString() : isoOf(search.from)
  const to = isoOf(search.to)
  return {
    ...(about.length > 0 && { regardingAny: about }),
    ...(node !== undefined && { regarding: [`OctopusServerNodes-${node}`] }),
    ...(user !== undefined && { users: [user.trim()] }),
    ...(group !== undefined && { eventGroups: [group] }),
    ...(category !== undefined && { eventCategories: [category] }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  }
}

function isoOf(date: string | undefined): string | undefined {
  return date === undefined ? undefined : new Date(date).toISOString()
}

/** The ids that words can mean: an id is itself, a number is a task, a name is a node's or a job's. */
export function idsOf(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .filter((word) => word !== '')
    .flatMap((word) => {
      if (ID.test(word)) return [word]
      if (/^#?\d+$/.test(word)) return [`ServerTasks-${word.replace('#', '')}`]
      return [`OctopusServerNodes-${word}`, `ScheduledTasks-${word.toLowerCase()}`]
    })
}

/** True when the address narrows the trail. */
export function isFiltered(search: AuditSearch): boolean {
  return Object.keys(search).length > 0
}

/** True when nothing that is recorded from now on can pass the filter. */
export function isClosed(search: AuditSearch, now: number): boolean {
  return search.event !== undefined || (search.to !== undefined && Date.parse(search.to) < now)
}

/** A moment as an input of the type `datetime-local` has it, in the user's zone. */
export function localMoment(date: string | undefined): string {
  if (date === undefined) return ''
  const at = new Date(date)
  const two = (number: number) => String(number).padStart(2, '0')
  const day = `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** The same back, as an ISO date; undefined for an empty or unfinished input. */
export function momentOf(local: string): string | undefined {
  return Number.isNaN(Date.parse(local)) ? undefined : new Date(local).toISOString()
}
