import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { serverNow } from '../api/connection.ts'
import { eventNumber, newEventsQuery, trailQuery } from '../api/events.ts'
import { filterOf, isClosed } from './audit-filter.ts'
import type { AuditSearch } from './audit-search.ts'

let readings = 0

/** The trail that an address means, as it was when it was read, and how many events came since. */
export function useTrail(search: AuditSearch) {
  const [reading, setReading] = useState(() => ++readings)
  // A span counts from the reading on, so that the filter does not change with every drawing.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each reading takes the present moment.
  const filter = useMemo(() => filterOf(search, serverNow()), [search, reading])
  const query = useInfiniteQuery(trailQuery(filter, reading))
  const [first] = query.data?.pages ?? []
  const events = useMemo(() => query.data?.pages.flatMap((page) => page.Items) ?? [], [query.data])
  const [newest] = events
  const isLive = first !== undefined && !query.isPlaceholderData && !isClosed(search, serverNow())
  const { data: added } = useQuery({ ...newEventsQuery(filter, newest ? eventNumber(newest) : 0), enabled: isLive })
  return {
    query,
    filter,
    events,
    total: first?.TotalResults ?? 0,
    newCount: isLive ? (added?.TotalResults ?? 0) : 0,
    /** Reads it anew, with what came since. */
    readAgain: () => setReading(++readings),
  }
}
