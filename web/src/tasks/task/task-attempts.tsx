import { Link } from '@tanstack/react-router'
import type { Attempt, FullTask } from '../../api/wire.ts'
import { absoluteText, shortDateText } from '../../parts/dates.ts'
import { Duration } from '../../parts/duration.tsx'
import { Panel } from '../../parts/panel.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { lookOfAttempt } from './attempt-look.ts'
import classes from './task-page.module.css'

/** Where and how often it was tried, the latest first. */
export function TaskAttempts({ task }: { task: FullTask }) {
  return (
    <Panel title={task.Attempts.length === 1 ? 'Attempt' : `${task.Attempts.length} attempts`}>
      <ol className={classes.attempts} reversed>
        {[...task.Attempts].reverse().map((attempt) => (
          <li key={`${attempt.Attempt} ${attempt.StartTime}`}>
            <AttemptEntry attempt={attempt} cause={attempt.Cause === task.ErrorMessage ? null : attempt.Cause} />
          </li>
        ))}
      </ol>
    </Panel>
  )
}

function AttemptEntry({ attempt, cause }: { attempt: Attempt; cause: string | null }) {
  const { StartTime, EndTime } = attempt
  const { state, word } = lookOfAttempt(attempt.Outcome)
  return (
    <>
      <div className={classes.attempt}>
        <span className={classes.number}>{attempt.Attempt}</span>
        <StateBadge state={state} word={word} />
        {attempt.NodeId && (
          <Link to="/nodes/$id" params={{ id: attempt.NodeId }}>
            {attempt.NodeName}
          </Link>
        )}
        {StartTime && (
          <span className={classes.faint}>
            <Duration from={StartTime} to={EndTime} />
          </span>
        )}
      </div>
      <p className={classes.faint}>
        {StartTime ? (
          <time dateTime={StartTime} title={absoluteText(StartTime)}>
            {shortDateText(StartTime)}
          </time>
        ) : (
          'not started'
        )}
        {EndTime && (
          <>
            {' to '}
            <time dateTime={EndTime} title={absoluteText(EndTime)}>
              {shortDateText(EndTime)}
            </time>
          </>
        )}
      </p>
      {cause && <p>{cause}</p>}
    </>
  )
}
