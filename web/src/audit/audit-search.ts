import { readDate, readOneOf, readText } from '../parts/search-params.ts'

export const SPANS = ['1h', '24h', '7d', '30d'] as const
export type Span = (typeof SPANS)[number]

/** What the address of this page says beside its path. */
export interface AuditSearch {
  /** Ids, names of nodes or jobs, or numbers of tasks, with spaces between. */
  regarding?: string
  user?: string
  group?: string
  category?: string
  /** The name of a node. */
  node?: string
  span?: Span
  from?: string
  to?: string
  /** The id of an event that is shown alone. */
  event?: string
}

/** Reads it; what cannot be meant is left out. A span rules out dates. */
export function readAuditSearch(raw: Record<string, unknown>): AuditSearch {
  const event = readText(raw.event)
  const span = readOneOf(raw.span, SPANS)
  const all = {
    regarding: readText(raw.regarding),
    user: readText(raw.user),
    group: readText(raw.group),
    category: readText(raw.category),
    node: readText(raw.node),
    span,
    from: span ? undefined : readDate(raw.from),
    to: span ? undefined : readDate(raw.to),
    event: event && /^Events-\d+$/.test(event) ? event : undefined,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
