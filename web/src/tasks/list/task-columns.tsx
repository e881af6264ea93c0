import { IconArrowBarToUp, IconRefreshDot } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { type ComponentType, memo } from 'react'
import type { Task } from '../../api/wire.ts'
import { useNowText } from '../../parts/clock.ts'
import type { Column } from '../../parts/data-table.tsx'
import { agoText } from '../../parts/dates.ts'
import { Duration } from '../../parts/duration.tsx'
import { TimeAgo } from '../../parts/time-ago.tsx'
import { placeText } from '../shared/queue-position.ts'
import { TaskState } from '../shared/task-state.tsx'
import { RowMenu } from './row-menu.tsx'
import classes from './task-columns.module.css'

/** Drawn again only when the task itself has changed, however often the list is read. */
function cell(Component: ComponentType<{ task: Task }>): (task: Task) => React.ReactNode {
  const Cell = memo(Component)
  return (task) => <Cell task={task} />
}

/** Defined once, so that the rows keep what they have drawn. */
export const TASK_COLUMNS: readonly Column<Task>[] = [
  { id: 'task', header: 'Task', isMain: true, cell: cell(Title) },
  { id: 'state', header: 'State', width: '8.5rem', cell: cell(TaskState) },
  { id: 'node', header: 'Node', width: '25%', cell: cell(Place) },
  { id: 'queued', header: 'Queued', width: '6rem', cell: cell(Queued) },
  { id: 'started', header: 'Started', width: '6rem', cell: cell(Started), hideBelow: 'wide' },
  { id: 'duration', header: 'Duration', width: '6.5rem', cell: cell(Taken) },
  { id: 'by', header: 'By', width: '6rem', cell: cell(By), hideBelow: 'medium' },
  { id: 'menu', header: 'Actions', isHeaderHidden: true, width: '2.5rem', align: 'end', cell: cell(RowMenu) },
]

function Title({ task }: { task: Task }) {
  const { Id, Description, Name, Attempt, IsMovedToTop, State } = task
  return (
    <div className={classes.title}>
      <span className={classes.line}>
        <Link to="/tasks/$id" params={{ id: Id }} preload={false} data-row-link className={classes.link}>
          {Description || Name}
        </Link>
        {Attempt > 1 && (
          <span className={classes.mark} data-tone="amber">
            <IconRefreshDot size={13} aria-hidden /> attempt {Attempt}
          </span>
        )}
        {IsMovedToTop && State === 'Queued' && (
          <span className={classes.mark}>
            <IconArrowBarToUp size={13} aria-hidden /> moved to top
          </span>
        )}
      </span>
      <span className={classes.more}>
        {Id} · {Name}
      </span>
    </div>
  )
}

/** Where it runs or ran, with the cause of its end; of a task that waits, why. */
function Place({ task }: { task: Task }) {
  const { State, NodeName, NodeSilent, ErrorMessage } = task
  if (State === 'Queued') return <Waits task={task} />
  if (!NodeName) return <Reason text={ErrorMessage || 'none'} lines={2} />
  return (
    <div>
      <div>
        <Link to="/nodes/$id" params={{ id: NodeName }} preload={false}>
          {NodeName}
        </Link>
      </div>
      {NodeSilent && (
        <span className={classes.silent}>
          silent since <TimeAgo date={NodeSilent.Since} />
        </span>
      )}
      {ErrorMessage && <Reason text={ErrorMessage} lines={1} />}
    </div>
  )
}

function Reason({ text, lines }: { text: string; lines: 1 | 2 }) {
  return (
    <span className={classes.reason} data-lines={lines} title={text}>
      {text}
    </span>
  )
}

/** How many wait before a queued task, and why it waits; of one that is to start later, when. */
function Waits({ task }: { task: Task }) {
  const { QueueTime, QueuePosition, WaitingBecause: because } = task
  const at = Date.parse(QueueTime)
  const starts = useNowText((now) => (at > now ? `Starts ${agoText(at, now)}.` : ''))
  const isPlanned = because === null || because.startsWith('It is to start at ')
  const text = starts !== '' && isPlanned ? starts : `${placeText(QueuePosition)} ${because ?? ''}`.trim()
  return <Reason text={text} lines={2} />
}

function Queued({ task }: { task: Task }) {
  return <TimeAgo date={task.QueueTime} />
}

function Started({ task: { StartTime, IsCompleted } }: { task: Task }) {
  if (StartTime) return <TimeAgo date={StartTime} />
  return <span className={classes.quiet}>{IsCompleted ? 'never' : 'not yet'}</span>
}

function Taken({ task: { StartTime, CompletedTime } }: { task: Task }) {
  return StartTime ? <Duration from={StartTime} to={CompletedTime} /> : <span className={classes.quiet}>–</span>
}

function By({ task: { CreatedBy, Job } }: { task: Task }) {
  if (CreatedBy) return <span>{CreatedBy}</span>
  return <span className={classes.quiet}>{Job ? 'schedule' : 'system'}</span>
}
