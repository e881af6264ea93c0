import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { serverNow } from '../../api/connection.ts'
import { lostTasksQuery, rerunLost } from '../../api/nodes.ts'
import type { LostTask, Page, RerunResult } from '../../api/wire.ts'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { ErrorText } from '../../parts/error-text.tsx'
import { Forbidden, Loaded } from '../../parts/load-states.tsx'
import { Panel } from '../../parts/panel.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { TimeAgo } from '../../parts/time-ago.tsx'
import { useAction } from '../../parts/use-action.ts'
import { AllowedButton } from '../../session/allowed-button.tsx'
import { useMay } from '../../session/current-session.ts'
import { LOST_SPANS } from '../node-page-search.ts'
import classes from './lost-tasks.module.css'
import { canRunAgain, lostSentence, rerunWords } from './lost-words.ts'
import { QuietLine } from './quiet-line.tsx'
import { TaskName } from './task-name.tsx'

type Named = { Id: string; Name: string }

const route = getRouteApi('/nodes/$id')
const DAY_MS = 86_400_000
const SPAN_DAYS = { day: 1, week: 7, month: 30 } as const
const SPANS = [
  { value: 'day', label: '1 day' },
  { value: 'week', label: '7 days' },
  { value: 'month', label: '30 days' },
]

/** The tasks that failed because the node was lost, and their re-run, each once. Also of a node that is gone. */
export function LostTasks({ node }: { node: Named }) {
  const mayRead = useMay('TaskView')
  const { lost = LOST_SPANS[0] } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <Panel
      title="Lost tasks"
      isBare={mayRead}
      actions={
        <SegmentedControl
          size="xs"
          aria-label="How far back lost tasks are shown"
          data={SPANS}
          value={lost}
          onChange={(value) =>
            void navigate({
              search: (old) => ({ ...old, lost: LOST_SPANS.find((span) => span === value) }),
              replace: true,
              resetScroll: false,
            })
          }
        />
      }
    >
      {mayRead ? <Lost key={lost} node={node} days={SPAN_DAYS[lost]} /> : <Forbidden permission="TaskView" />}
    </Panel>
  )
}

function Lost({ node, days }: { node: Named; days: number }) {
  const since = useMemo(() => new Date(serverNow() - days * DAY_MS).toISOString(), [days])
  const query = useQuery(lostTasksQuery(node.Id, since))
  return <Loaded query={query}>{(page) => <LostTable node={node} page={page} />}</Loaded>
}

function LostTable({ node, page }: { node: Named; page: Page<LostTask> }) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set())
  const rerun = useAction(rerunLost)
  const [refused, setRefused] = useState<readonly RerunResult[]>([])
  const open = page.Items.filter(canRunAgain)
  const chosen = open.filter(({ Id }) => ids.has(Id))
  const wanted = chosen.length > 0 ? chosen : open
  const start = async () => {
    const done = await rerun.start({ node, taskIds: wanted.map(({ Id }) => Id) })
    if (!done) return
    setIds(new Set())
    setRefused(done.Results.filter(({ Refusal }) => Refusal !== null))
  }
  return (
    <>
      {page.Items.length > 0 && (
        <div className={classes.bar}>
          <span>{lostSentence(page, open.length)}</span>
          <AllowedButton
            permission="TaskCreate"
            because={open.length === 0 ? 'Each of them ran again already, or cannot.' : undefined}
            size="xs"
            loading={rerun.isPending}
            onClick={() => void start()}
          >
            {rerunWords(chosen.length, open.length)}
          </AllowedButton>
        </div>
      )}
      <ErrorText error={rerun.error} />
      {refused.map(({ TaskId, Refusal }) => (
        <ErrorText key={TaskId} error={new Error(`${TaskId}: ${Refusal}`)} />
      ))}
      {page.Items.length === 0 ? (
        <QuietLine>No task failed in this time because {node.Name} was gone.</QuietLine>
      ) : (
        <DataTable
          caption={`Tasks that ${node.Name} lost`}
          columns={COLUMNS}
          rows={page.Items}
          idOf={(task) => task.Id}
          selection={{
            ids,
            onChange: setIds,
            labelOf: (id) => `Choose ${id}`,
            isSelectable: (id) => open.some((task) => task.Id === id),
          }}
        />
      )}
    </>
  )
}

const COLUMNS: readonly Column<LostTask>[] = [
  { id: 'task', header: 'Task', isMain: true, cell: (task) => <TaskName task={task} /> },
  { id: 'state', header: 'State', cell: () => <StateBadge state="Lost" isPlain /> },
  { id: 'when', header: 'Settled', cell: (task) => <TimeAgo date={task.CompletedTime} /> },
  {
    id: 'again',
    header: 'Run again',
    cell: ({ RerunTaskId, CanRerun }) =>
      RerunTaskId === null ? (
        <span className={classes.not}>{CanRerun ? 'Not yet' : 'Cannot be run again'}</span>
      ) : (
        <Link to="/tasks/$id" params={{ id: RerunTaskId }}>
          {RerunTaskId}
        </Link>
      ),
  },
]
