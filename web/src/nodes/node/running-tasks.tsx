import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { cancelTask, tasksQuery } from '../../api/tasks.ts'
import type { Node, Task } from '../../api/wire.ts'
import { ask } from '../../parts/confirm-store.ts'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { Duration } from '../../parts/duration.tsx'
import { ErrorText } from '../../parts/error-text.tsx'
import { Forbidden, Loaded } from '../../parts/load-states.tsx'
import { Panel } from '../../parts/panel.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { TimeAgo } from '../../parts/time-ago.tsx'
import { useAction } from '../../parts/use-action.ts'
import { AllowedButton } from '../../session/allowed-button.tsx'
import { useMay } from '../../session/current-session.ts'
import { QuietLine } from './quiet-line.tsx'
import classes from './running-tasks.module.css'
import { TaskName } from './task-name.tsx'

/** More rows than this nobody reads, and they are drawn again with every change. */
const MOST = 200

/** What runs on a node at present; of an offline one, what it ran and is not settled yet. */
export function RunningTasks({ node }: { node: Node }) {
  const mayRead = useMay('TaskView')
  const title = node.IsOffline ? 'Tasks not settled yet' : 'Running tasks'
  return (
    <Panel
      title={`${title} (${node.RunningTaskCount})`}
      isBare={mayRead}
      actions={
        mayRead && (
          <Link to="/tasks" search={{ node: node.Name }}>
            All tasks of {node.Name}
          </Link>
        )
      }
    >
      {mayRead ? <Table node={node} /> : <Forbidden permission="TaskView" />}
    </Panel>
  )
}

function Table({ node }: { node: Node }) {
  const query = useQuery(tasksQuery({ node: node.Id, running: true, take: MOST }))
  return (
    <Loaded query={query}>
      {({ Items, TotalResults }) =>
        Items.length === 0 ? (
          <QuietLine>
            Nothing runs here.{' '}
            {node.CanClaim ? 'Tasks appear as soon as the node takes them.' : 'The node takes no tasks at present.'}
          </QuietLine>
        ) : (
          <>
            <DataTable
              caption={`What runs on ${node.Name}`}
              columns={COLUMNS}
              rows={Items.toReversed()}
              idOf={(task) => task.Id}
              toneOf={(task) => (task.NodeSilent === null ? undefined : 'amber')}
            />
            {Items.length < TotalResults && (
              <p className={classes.rest}>
                The newest {Items.length} of {TotalResults}. The list of tasks has them all.
              </p>
            )}
          </>
        )
      }
    </Loaded>
  )
}

const COLUMNS: readonly Column<Task>[] = [
  { id: 'task', header: 'Task', isMain: true, cell: (task) => <TaskName task={task} /> },
  { id: 'state', header: 'State', cell: (task) => <TaskState task={task} /> },
  {
    id: 'elapsed',
    header: 'Running for',
    align: 'end',
    width: '8rem',
    cell: ({ StartTime }) => (StartTime === null ? 'Not started' : <Duration from={StartTime} />),
  },
  {
    id: 'cancel',
    header: 'Cancel',
    isHeaderHidden: true,
    align: 'end',
    width: '6rem',
    cell: (task) => <CancelButton task={task} />,
  },
]

function TaskState({ task: { State, NodeSilent } }: { task: Task }) {
  if (NodeSilent === null) return <StateBadge state={State} isPlain />
  return (
    <>
      <StateBadge state="Warning" word="Node silent" isPlain />
      <div className={classes.note}>
        Settled <TimeAgo date={NodeSilent.SettledAt} />
      </div>
    </>
  )
}

function CancelButton({ task }: { task: Task }) {
  const cancel = useAction(cancelTask)
  const start = async () => {
    const name = task.Description === '' ? '' : ` (${task.Description})`
    const isSure = await ask({
      title: `Cancel ${task.Id}?`,
      body: `${task.Name}${name} is ended where it stands. What it has done so far stays done.`,
      action: 'Cancel task',
      isDangerous: true,
    })
    if (isSure) void cancel.start({ task })
  }
  return (
    <>
      <AllowedButton
        permission="TaskCancel"
        because={task.State === 'Cancelling' ? 'It is being cancelled already.' : undefined}
        variant="default"
        size="compact-sm"
        aria-label={`Cancel ${task.Id}`}
        loading={cancel.isPending}
        onClick={() => void start()}
      >
        Cancel
      </AllowedButton>
      <ErrorText error={cancel.error} />
    </>
  )
}
