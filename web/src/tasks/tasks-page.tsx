import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { PageHeader } from '../parts/page-header.tsx'
import { useShortcuts } from '../parts/shortcuts.ts'
import { NewTaskButton } from './list/new-task-button.tsx'
import { QuickViews } from './list/quick-views.tsx'
import { TaskList } from './list/task-list.tsx'

const route = getRouteApi('/tasks')

/** The tasks of the cluster. */
export function TasksPage() {
  const search = route.useSearch()
  const navigate = useNavigate()
  useShortcuts([{ keys: 'n', label: 'New task', group: 'This page', run: () => void navigate({ to: '/tasks/new' }) }])
  return (
    <>
      <PageHeader title="Tasks" actions={<NewTaskButton />}>
        <QuickViews search={search} />
      </PageHeader>
      <TaskList search={search} />
    </>
  )
}
