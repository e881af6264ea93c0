import { Link } from '@tanstack/react-router'
import type { Job } from '../api/wire.ts'
import { useNowText } from '../parts/clock.ts'
import { absoluteText } from '../parts/dates.ts'
import { Duration } from '../parts/duration.tsx'
import { StateBadge } from '../parts/state-badge.tsx'
import type { StateName } from '../parts/states.ts'
import { TimeAgo } from '../parts/time-ago.tsx'
import { dueText, nodeNameOf, spanText } from './job-row.ts'
import classes from './jobs.module.css'

/** Its name and what it does. */
export function JobName({ job }: { job: Job }) {
  return (
    <div>
      <div className={classes.name}>{job.Name}</div>
      <div className={classes.faint}>{job.Description}.</div>
    </div>
  )
}

/** How the last run went: result and when, then how long, where, and its task. */
export function LastRun({ job }: { job: Job }) {
  const { LastTaskId, LastResult, LastStarted, LastDuration, LastNodeId } = job
  if (LastTaskId === null || LastResult === null) return <StateBadge state="Never" word="Not yet" isPlain />
  return (
    <div>
      <div className={classes.line}>
        <Link to="/tasks/$id" params={{ id: LastTaskId }} title={`Open ${LastTaskId}`}>
          <StateBadge state={LastResult as StateName} />
          <span className={classes.hidden}>, {LastTaskId}</span>
        </Link>
        {LastStarted && <TimeAgo date={LastStarted} />}
      </div>
      {LastStarted && (
        <div className={classes.faint}>
          {LastDuration === null ? (
            <>
              for <Duration from={LastStarted} />
            </>
          ) : (
            <>took {spanText(LastDuration)}</>
          )}
          {LastNodeId && (
            <>
              {' on '}
              <Link to="/nodes/$id" params={{ id: LastNodeId }}>
                {nodeNameOf(LastNodeId)}
              </Link>
            </>
          )}
        </div>
      )}
    </div>
  )
}

/** When it is due, counting down. */
export function NextDue({ job }: { job: Job }) {
  const text = useNowText((now) => dueText(job, now))
  if (!job.IsEnabled) return <span className={classes.faint}>not while it is off</span>
  const at = absoluteText(job.NextDue)
  if (job.IsOverdue) return <StateBadge state="Warning" word="Overdue" detail={text} title={`Was due ${at}`} />
  return (
    <time dateTime={job.NextDue} title={at}>
      {text}
    </time>
  )
}
