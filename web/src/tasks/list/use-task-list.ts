import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { read } from '../../api/client.ts'
import { serverNow } from '../../api/connection.ts'
import { tasksQuery } from '../../api/tasks.ts'
import type { Task, TaskPage } from '../../api/wire.ts'
import type { TasksSearch } from '../tasks-search.ts'
import { heldRows, newBefore } from './calm-rows.ts'
import { filterOf, keyOf } from './tasks-filter.ts'

/** The page of tasks that an address means; a span of time ends at each read. */
function taskListQuery(search: TasksSearch) {
  return queryOptions({
    ...tasksQuery({}),
    queryKey: ['tasks', 'list', 'search', search],
    queryFn: ({ signal }) => read<TaskPage>('/tasks', { query: { ...filterOf(search, serverNow()) }, signal }),
    placeholderData: keepPreviousData,
  })
}

interface Held {
  key: string
  rows: readonly Task[]
}

/**
 * The rows to show. While `isHeld`, the user being busy with them, the same rows stay in the same order, each as it is now;
 * `newCount` says how many would come before them. Otherwise they are the newest.
 */
export function useTaskList(search: TasksSearch, isHeld: boolean) {
  const query = useQuery(taskListQuery(search))
  const key = keyOf(search)
  const [held, setHeld] = useState<Held>()
  if (held && (!isHeld || held.key !== key)) setHeld(undefined)
  if (isHeld && !held && query.data && !query.isPlaceholderData) setHeld({ key, rows: query.data.Items })

  const ids = held?.rows.map(({ Id }) => Id) ?? []
  const known = useQuery({ ...tasksQuery({ ids, take: ids.length }), enabled: ids.length > 0 })
  const newest = query.data?.Items ?? []
  const rows = held ? heldRows(held.rows, known.data?.Items ?? [], newest) : newest
  return { query, key, rows, newCount: held ? newBefore(held.rows, newest) : 0 }
}
