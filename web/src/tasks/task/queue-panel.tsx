import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { queuedBehindQuery } from '../../api/tasks.ts'
import type { FullTask, Task } from '../../api/wire.ts'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { Loaded } from '../../parts/load-states.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Panel } from '../../parts/panel.tsx'
import { TimeAgo } from '../../parts/time-ago.tsx'
import { positionText } from '../shared/queue-position.ts'
import classes from './task-page.module.css'

const SHOWN = 10

const COLUMNS: readonly Column<Task>[] = [
  {
    id: 'task',
    header: 'Task',
    isMain: true,
    cell: (task) => (
      <Link to="/tasks/$id" params={{ id: task.Id }}>
        {task.Id}
      </Link>
    ),
  },
  { id: 'description', header: 'Description', cell: (task) => task.Description || task.Name },
  { id: 'queued', header: 'Queued', cell: (task) => <TimeAgo date={task.QueueTime} />, width: '8rem' },
]

/** Why a task waits, and what starts before it. */
export function QueuePanel({ task }: { task: FullTask }) {
  const query = useQuery(queuedBehindQuery(task.Id, SHOWN))
  return (
    <Panel title="Waiting" isBare>
      <Notice state="Queued">
        {task.WaitingBecause ?? 'It starts as soon as a node has a free slot.'} {positionText(task.QueuePosition)}
      </Notice>
      {(task.QueuePosition ?? 0) > 0 && (
        <div className={classes.behind}>
          <Loaded query={query}>
            {({ Items, TotalResults }) => (
              <>
                <DataTable
                  caption="Tasks that start before it"
                  columns={COLUMNS}
                  rows={Items}
                  idOf={({ Id }) => Id}
                  empty={<span />}
                />
                {TotalResults > Items.length && (
                  <p className={classes.faint}>and {(TotalResults - Items.length).toLocaleString('en')} more</p>
                )}
              </>
            )}
          </Loaded>
        </div>
      )}
    </Panel>
  )
}
