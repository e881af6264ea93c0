import { Button } from '@mantine/core'
import { IconArrowUp, IconDownload } from '@tabler/icons-react'
import { getRouteApi, Link } from '@tanstack/react-router'
import { eventsCsvUrl } from '../api/events.ts'
import { ErrorText } from '../parts/error-text.tsx'
import { Empty, Loaded, NoMatch } from '../parts/load-states.tsx'
import { Notice } from '../parts/notice.tsx'
import { PageHeader } from '../parts/page-header.tsx'
import { useShortcuts } from '../parts/shortcuts.ts'
import classes from './audit.module.css'
import { isFiltered } from './audit-filter.ts'
import { AuditFilters } from './audit-filters.tsx'
import { EventTable } from './event-table.tsx'
import { useTrail } from './use-trail.ts'

const route = getRouteApi('/audit')
const NUMBERS = new Intl.NumberFormat('en-GB')

/** Who did what, when and whence. */
export function AuditPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const trail = useTrail(search)
  const { query, events, total, newCount, filter } = trail
  const clear = () => void navigate({ search: {}, replace: true })
  useShortcuts([{ keys: 'r', label: 'Show new events', group: 'This page', run: trail.readAgain }])
  const users = [...new Set(['system', ...events.map((event) => event.Username)])]
  return (
    <>
      <PageHeader
        title="Audit"
        actions={
          <Button
            component="a"
            href={eventsCsvUrl(filter)}
            download
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
            aria-describedby="csv-limit"
          >
            Export CSV
          </Button>
        }
      >
        Who changed what, when and whence.{' '}
        <span id="csv-limit">An export holds what the filters leave, at most the newest 100,000 events.</span>
      </PageHeader>
      {search.event === undefined ? (
        <AuditFilters
          search={search}
          users={users}
          onClear={clear}
          onChange={(change) => void navigate({ search: (old) => withChange(old, change), replace: true })}
        />
      ) : (
        <div className={classes.single}>
          <Notice state="Info" actions={<Link to="/audit">Show all events</Link>}>
            Only {search.event} is shown.
          </Notice>
        </div>
      )}
      <div className={classes.bar} role="status">
        {query.data && (
          <span>
            {NUMBERS.format(total)} {total === 1 ? 'event' : 'events'}
          </span>
        )}
        {newCount > 0 && (
          <Button
            size="compact-sm"
            radius="xl"
            leftSection={<IconArrowUp size={14} aria-hidden />}
            onClick={trail.readAgain}
          >
            {NUMBERS.format(newCount)} new {newCount === 1 ? 'event' : 'events'}
          </Button>
        )}
      </div>
      <Loaded query={query}>
        {() => (
          <>
            <EventTable
              key={search.event ?? 'all'}
              events={events}
              isOutdated={query.isPlaceholderData}
              areOpen={search.event !== undefined}
              empty={
                isFiltered(search) ? (
                  <NoMatch what="events" onClear={clear} />
                ) : (
                  <Empty title="Nothing happened yet">Every change of the cluster is recorded here.</Empty>
                )
              }
            />
            {query.hasNextPage && (
              <div className={classes.next}>
                <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  Show older events
                </Button>
                <span className={classes.faint}>
                  {NUMBERS.format(events.length)} of {NUMBERS.format(total)} are shown.
                </span>
                <ErrorText error={query.isFetchNextPageError ? query.error : undefined} />
              </div>
            )}
          </>
        )}
      </Loaded>
    </>
  )
}

/** The address's query with a change; what is undefined goes away. */
function withChange(search: object, change: object): object {
  return Object.fromEntries(Object.entries({ ...search, ...change }).filter(([, value]) => value !== undefined))
}
