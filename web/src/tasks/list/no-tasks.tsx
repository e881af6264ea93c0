import { Button } from '@mantine/core'
import { Empty, NoMatch } from '../../parts/load-states.tsx'
import type { TasksSearch } from '../tasks-search.ts'
import { NewTaskButton } from './new-task-button.tsx'
import { isFiltered } from './tasks-filter.ts'

export interface NoTasksProps {
  search: TasksSearch
  total: number
  onSearch: (search: TasksSearch) => void
}

/** What stands in place of the rows: the page is past the end, nothing fits, or there are no tasks at all. */
export function NoTasks({ search, total, onSearch }: NoTasksProps) {
  const { page: _page, ...filters } = search
  if (total > 0) {
    return (
      <Empty title="This page is past the end" action={<Button onClick={() => onSearch(filters)}>First page</Button>}>
        There are fewer tasks than when this page was linked.
      </Empty>
    )
  }
  if (isFiltered(search)) return <NoMatch what="tasks" onClear={() => onSearch({})} />
  return (
    <Empty title="No tasks yet" action={<NewTaskButton />}>
      Tasks appear here as soon as they are queued, and stay for as long as the cluster keeps them.
    </Empty>
  )
}
