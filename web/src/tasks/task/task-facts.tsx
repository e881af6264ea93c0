import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { FullTask } from '../../api/wire.ts'
import { absoluteText, durationText, shortDateText, timeSpanMs } from '../../parts/dates.ts'
import { Duration } from '../../parts/duration.tsx'
import { Fact, Facts } from '../../parts/facts.tsx'
import { Panel } from '../../parts/panel.tsx'
import { TimeAgo } from '../../parts/time-ago.tsx'

/** The facts of a task one by one. */
export function TaskFacts({ task, kind }: { task: FullTask; kind: string }) {
  const limitMs = task.TimeLimit === null ? undefined : timeSpanMs(task.TimeLimit)
  return (
    <Panel title="Facts">
      <Facts>
        <Fact name="Kind">{kind}</Fact>
        <Fact name="Node">
          {task.ServerNode ? (
            <Link to="/nodes/$id" params={{ id: task.ServerNode }}>
              {task.NodeName}
            </Link>
          ) : (
            'none yet'
          )}
        </Fact>
        <Fact name="Queued">
          <Moment date={task.QueueTime} />
        </Fact>
        {task.State === 'Queued' && (
          <Fact name="Expires">
            <TimeAgo date={task.QueueTimeExpiry} />
          </Fact>
        )}
        <Fact name="Started">{task.StartTime ? <Moment date={task.StartTime} /> : 'not yet'}</Fact>
        {task.CompletedTime && (
          <Fact name="Ended">
            <Moment date={task.CompletedTime} />
          </Fact>
        )}
        {task.StartTime && (
          <Fact name="Duration">
            <Duration from={task.StartTime} to={task.CompletedTime} />
          </Fact>
        )}
        {limitMs !== undefined && <Fact name="Time limit">{durationText(limitMs)}</Fact>}
        {task.ExitCode !== null && <Fact name="Exit code">{task.ExitCode}</Fact>}
        {task.Priority !== 0 && <Fact name="Priority">{task.Priority}</Fact>}
        {task.TimesLost > 0 && <Fact name="Lost">{task.TimesLost === 1 ? 'once' : `${task.TimesLost} times`}</Fact>}
        <Fact name="Created by">{createdBy(task)}</Fact>
        {task.RerunOf && (
          <Fact name="Runs again">
            <Link to="/tasks/$id" params={{ id: task.RerunOf }}>
              {task.RerunOf}
            </Link>
          </Fact>
        )}
        {task.CancelRequestedAt && (
          <Fact name="Cancelled by">
            {task.CancelRequestedBy ?? 'the system'}, <TimeAgo date={task.CancelRequestedAt} />
          </Fact>
        )}
      </Facts>
    </Panel>
  )
}

function createdBy({ CreatedBy, Job }: FullTask): ReactNode {
  if (Job) return <>the cluster job {Job}</>
  return CreatedBy ?? 'the system'
}

function Moment({ date }: { date: string }) {
  return (
    <time dateTime={date} title={absoluteText(date)}>
      {shortDateText(date)}
    </time>
  )
}
