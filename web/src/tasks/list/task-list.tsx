import { useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { DataTable } from '../../parts/data-table.tsx'
import { ErrorText } from '../../parts/error-text.tsx'
import { Loaded } from '../../parts/load-states.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Pager } from '../../parts/pager.tsx'
import { toneOfTask } from '../shared/task-look.ts'
import type { TasksSearch } from '../tasks-search.ts'
import { CancelReportLines } from './cancel-report-lines.tsx'
import { ListBar } from './list-bar.tsx'
import { NoTasks } from './no-tasks.tsx'
import { TASK_COLUMNS } from './task-columns.tsx'
import { TaskFilters } from './task-filters.tsx'
import classes from './task-list.module.css'
import { PAGE_SIZE } from './tasks-filter.ts'
import { useIsInRows } from './use-is-in-rows.ts'
import { useIsScrolled } from './use-is-scrolled.ts'
import { useRowKeys } from './use-row-keys.ts'
import { TaskActionsContext, useTaskActions } from './use-task-actions.ts'
import { useTaskList } from './use-task-list.ts'

const NOTHING: ReadonlySet<string> = new Set()

/** The list with its filters: it follows the cluster, but keeps still while somebody is busy with its rows. */
export function TaskList({ search }: { search: TasksSearch }) {
  const { page = 1 } = search
  const navigate = useNavigate()
  const list = useRef<HTMLDivElement>(null)
  const isInRows = useIsInRows(list)
  const [selection, setSelection] = useState<{ of: string; ids: ReadonlySet<string> }>({ of: '', ids: NOTHING })
  const isScrolled = useIsScrolled()
  const { query, key, rows, newCount } = useTaskList(
    search,
    isScrolled || isInRows || page > 1 || selection.ids.size > 0,
  )
  const work = useTaskActions()
  useRowKeys(list)

  const ids = selection.of === key ? selection.ids : NOTHING
  const setIds = (chosen: ReadonlySet<string>) => setSelection({ of: key, ids: chosen })
  if (selection.ids.size > 0 && selection.of !== key) setSelection({ of: key, ids: NOTHING })
  const goTo = (next: TasksSearch) => void navigate({ to: '/tasks', search: next, resetScroll: false })
  const showNew = () => {
    setIds(NOTHING)
    window.scrollTo({ top: 0 })
    list.current?.focus({ preventScroll: true })
  }

  return (
    <TaskActionsContext value={work.actions}>
      <TaskFilters search={search} counts={query.data?.TotalCounts} onChange={goTo} />
      <ListBar
        total={query.data?.TotalResults}
        newCount={page === 1 ? newCount : 0}
        onShowNew={showNew}
        selected={rows.filter(({ Id }) => ids.has(Id))}
        onClear={() => setIds(NOTHING)}
        work={work}
      />
      <ErrorText error={work.error} />
      {work.report && (
        <Notice state="Warning" role="status">
          <CancelReportLines report={work.report} onDismiss={work.dismiss} />
        </Notice>
      )}
      <div ref={list} tabIndex={-1} className={classes.list}>
        <Loaded query={query}>
          {({ TotalResults }) => (
            <>
              <DataTable
                caption="Tasks, newest first"
                columns={TASK_COLUMNS}
                rows={rows}
                idOf={(task) => task.Id}
                toneOf={toneOfTask}
                selection={{ ids, onChange: setIds, labelOf: (id) => `Select ${id}` }}
                isOutdated={query.isPlaceholderData}
                empty={<NoTasks search={search} total={TotalResults} onSearch={goTo} />}
              />
              {TotalResults > PAGE_SIZE && (
                <Pager
                  page={page}
                  pageSize={PAGE_SIZE}
                  total={TotalResults}
                  what="tasks"
                  onPage={(next) => {
                    goTo({ ...search, page: next })
                    window.scrollTo({ top: 0 })
                  }}
                />
              )}
            </>
          )}
        </Loaded>
      </div>
    </TaskActionsContext>
  )
}
