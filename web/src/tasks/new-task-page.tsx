import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { taskQuery, taskTypesQuery } from '../api/tasks.ts'
import type { TaskType } from '../api/wire.ts'
import { Loaded } from '../parts/load-states.tsx'
import { Notice } from '../parts/notice.tsx'
import { PageHeader } from '../parts/page-header.tsx'
import { useMay } from '../session/current-session.ts'
import { whyForbidden } from '../session/permissions.ts'
import { draftOf, EMPTY_DRAFT } from './new/draft.ts'
import { NewTaskForm } from './new/new-task-form.tsx'

const route = getRouteApi('/tasks/new')

/** Where a task is made: from nothing, or from a former one. */
export function NewTaskPage() {
  const { from } = route.useSearch()
  const types = useQuery(taskTypesQuery())
  const mayCreate = useMay('TaskCreate')
  return (
    <>
      <PageHeader
        title={from === undefined ? 'New task' : 'Run again with changes'}
        back={{ to: '/tasks', label: 'Tasks' }}
      >
        {!mayCreate && <Notice state="Info">{whyForbidden('TaskCreate')}</Notice>}
      </PageHeader>
      <Loaded query={types}>
        {(known) =>
          from === undefined ? (
            <NewTaskForm key="new" name="new" types={known} begin={EMPTY_DRAFT} />
          ) : (
            <FormFrom key={from} from={from} types={known} />
          )
        }
      </Loaded>
    </>
  )
}

/** The form as it begins with the kind, the arguments and the limits of that task. */
function FormFrom({ from, types }: { from: string; types: readonly TaskType[] }) {
  const query = useQuery({ ...taskQuery(from), refetchInterval: false })
  const task = query.data
  const begin = useMemo(() => task && draftOf(task), [task])
  return (
    <Loaded query={query} back={<Link to="/tasks/new">Begin with an empty form</Link>}>
      {() =>
        begin && (
          <>
            <Notice state="Info">
              Filled in from{' '}
              <Link to="/tasks/$id" params={{ id: from }}>
                {from}
              </Link>
              . That task stays as it is.
            </Notice>
            <NewTaskForm name={`from-${from}`} types={types} begin={begin} />
          </>
        )
      }
    </Loaded>
  )
}
