import { Link } from '@tanstack/react-router'
import type { TasksSearch } from '../tasks-search.ts'
import classes from './quick-views.module.css'
import { keyOf } from './tasks-filter.ts'

const VIEWS: readonly { name: string; search: TasksSearch }[] = [
  { name: 'All', search: {} },
  { name: 'Running', search: { states: ['Executing', 'Cancelling'] } },
  { name: 'Waiting', search: { states: ['Queued'] } },
  { name: 'Failed today', search: { states: ['Failed', 'TimedOut'], by: 'completed', since: 'today' } },
]

/** What is looked for most, each as a link. */
export function QuickViews({ search: { page: _page, ...search } }: { search: TasksSearch }) {
  const shown = keyOf(search)
  return (
    <nav aria-label="Quick views" className={classes.views}>
      {VIEWS.map((view) => (
        <Link
          key={view.name}
          to="/tasks"
          search={view.search}
          className={classes.view}
          // The router's own mark counts addresses that say more as the same.
          activeProps={{ 'aria-current': undefined }}
          {...(keyOf(view.search) === shown ? { 'data-current': true } : {})}
        >
          {view.name}
          {keyOf(view.search) === shown && <span className={classes.hidden}>, shown</span>}
        </Link>
      ))}
    </nav>
  )
}
