import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { read } from './client.ts'
import { withQuery } from './query-text.ts'
import type { AuditEvent, EventGroup, Named, Page } from './wire.ts'

/** The filters of the audit trail, by the names of the query's parameters. Dates are ISO texts. */
export interface EventFilter {
  ids?: readonly string[]
  /** Ids that all have to be named. */
  regarding?: readonly string[]
  /** Ids of which one has to be named. */
  regardingAny?: readonly string[]
  /** Ids or names; `users-system` is the system. */
  users?: readonly string[]
  eventCategories?: readonly string[]
  eventGroups?: readonly string[]
  eventAgents?: readonly string[]
  documentTypes?: readonly string[]
  from?: string
  to?: string
  fromAutoId?: number
  toAutoId?: number
  excludeDifference?: boolean
  skip?: number
  take?: number
}

/** A page of the audit trail, newest first. */
export function eventsQuery(filter: EventFilter) {
  return queryOptions({
    queryKey: ['events', 'list', filter],
    queryFn: ({ signal }) => readEvents(filter, signal),
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
    meta: { topics: ['event'] },
  })
}

/** The same once, for an export. */
export function readEvents(filter: EventFilter, signal?: AbortSignal): Promise<Page<AuditEvent>> {
  return read<Page<AuditEvent>>('/events', { query: { ...filter }, ...(signal ? { signal } : {}) })
}

const TRAIL_PAGE = 50

/**
 * The audit trail, newest first, a page after the other. It stays as it was read: what is recorded later is counted by
 * `newEventsQuery` and shown under another `reading`.
 */
export function trailQuery(filter: EventFilter, reading: number) {
  return infiniteQueryOptions({
    queryKey: ['events', 'trail', filter, reading],
    queryFn: ({ pageParam, signal }) =>
      readEvents({ ...filter, take: TRAIL_PAGE, ...(pageParam === null ? {} : { toAutoId: pageParam }) }, signal),
    initialPageParam: null as number | null,
    getNextPageParam: ({ Items }) => {
      const last = Items.at(-1)
      return last && Items.length === TRAIL_PAGE ? eventNumber(last) - 1 : undefined
    },
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state }) => (state.data === undefined && state.error ? 2000 : false),
    placeholderData: keepPreviousData,
  })
}

/** How many events the filter lets through after the one of that number, in `TotalResults`. */
export function newEventsQuery(filter: EventFilter, after: number) {
  return queryOptions({
    queryKey: ['events', 'new', filter, after],
    queryFn: ({ signal }) => readEvents({ ...filter, fromAutoId: after + 1, take: 0, excludeDifference: true }, signal),
    refetchInterval: 10_000,
    meta: { topics: ['event'] },
  })
}

/** The number in an event's id. */
export function eventNumber({ Id }: Pick<AuditEvent, 'Id'>): number {
  return Number(Id.slice(Id.indexOf('-') + 1))
}

/** Where the events that the filter leaves can be downloaded as CSV, at most the newest 100,000. */
export function eventsCsvUrl(filter: EventFilter): string {
  return withQuery('/api/events', { asCsv: true, ...filter })
}

/** What there is for a filter: categories, agents, document types. */
export function eventNamesQuery(list: 'categories' | 'agents' | 'documenttypes') {
  return queryOptions({
    queryKey: ['events', list],
    queryFn: ({ signal }) => read<Named[]>(`/events/${list}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** The groups of events with their categories. */
export function eventGroupsQuery() {
  return queryOptions({
    queryKey: ['events', 'groups'],
    queryFn: ({ signal }) => read<EventGroup[]>('/events/groups', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })
}
