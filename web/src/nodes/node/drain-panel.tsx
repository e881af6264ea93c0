import { useQuery } from '@tanstack/react-query'
import { undrainNode } from '../../api/nodes.ts'
import { tasksQuery } from '../../api/tasks.ts'
import type { Drain, Node } from '../../api/wire.ts'
import { useNow, useNowText } from '../../parts/clock.ts'
import { absoluteText } from '../../parts/dates.ts'
import { ErrorText } from '../../parts/error-text.tsx'
import { Fact, Facts } from '../../parts/facts.tsx'
import { Panel } from '../../parts/panel.tsx'
import { lookOf } from '../../parts/states.ts'
import { TimeAgo } from '../../parts/time-ago.tsx'
import { useAction } from '../../parts/use-action.ts'
import { AllowedButton } from '../../session/allowed-button.tsx'
import { useMay } from '../../session/current-session.ts'
import classes from './drain-panel.module.css'
import { atDeadline, deadlineText, drainAdvice, drainHeadline, drainProgress } from './drain-words.ts'

const COUNT_EVERY_MS = 3000

/** How far a drain is, what it waits for, and the way out of it. */
export function DrainPanel({ node, drain }: { node: Node; drain: Drain }) {
  const undrain = useAction(undrainNode)
  const start = async () => {
    // This panel goes with the drain, and would take the focus with it.
    if ((await undrain.start({ node })) !== undefined) document.querySelector('h1')?.focus()
  }
  const isDone = node.RunningTaskCount === 0
  const { icon: Icon, tone } = lookOf(isDone ? 'Drained' : 'Draining')
  return (
    <Panel
      title="Drain"
      actions={
        <AllowedButton permission="ServerNodeEdit" size="xs" loading={undrain.isPending} onClick={() => void start()}>
          Undrain
        </AllowedButton>
      }
    >
      <ErrorText error={undrain.error} />
      <div className={classes.columns}>
        <div>
          <p className={classes.headline} data-tone={tone} role="status">
            <Icon size={18} aria-hidden />
            {drainHeadline(node)}
          </p>
          <p className={classes.advice}>{drainAdvice(node)}</p>
          {drain.Since !== null && !node.IsOffline && <Progress node={node} since={drain.Since} />}
        </div>
        <DrainFacts drain={drain} />
      </div>
    </Panel>
  )
}

/** Those that had started before the drain began and have ended since, of these and of what is left. */
function Progress({ node, since }: { node: Node; since: string }) {
  const filter = { node: node.Id, toStartDate: since, fromCompletedDate: since, take: 0 }
  const mayRead = useMay('TaskView')
  // Counts of tasks may be 2 s old: what an event has read again is not the last word.
  const { data } = useQuery({ ...tasksQuery(filter), refetchInterval: COUNT_EVERY_MS, enabled: mayRead })
  const { ended, of, text } = drainProgress(node.RunningTaskCount, data?.TotalResults ?? 0)
  if (data === undefined || of === 0) return null
  return (
    <>
      <progress className={classes.progress} aria-label={`Drain of ${node.Name}`} value={ended} max={of} />
      <p className={classes.advice}>{text}</p>
    </>
  )
}

function DrainFacts({ drain }: { drain: Drain }) {
  const { Since, By, Reason, Deadline, CancelAtDeadline, UndrainAt, Retire } = drain
  return (
    <Facts>
      <Fact name="Reason">{Reason === '' ? 'None given' : Reason}</Fact>
      <Fact name="Since">
        <TimeAgo date={Since} without="Unknown" />
        {By !== null && ` by ${By}`}
      </Fact>
      <Fact name="Deadline">
        {Deadline === null ? (
          'None, it waits as long as it takes'
        ) : (
          <DeadlineCountdown deadline={Deadline} cancels={CancelAtDeadline} />
        )}
      </Fact>
      {UndrainAt !== null && (
        <Fact name="Takes tasks again">
          <Countdown date={UndrainAt} />
        </Fact>
      )}
      {Retire && <Fact name="Afterwards">It stops and leaves the cluster</Fact>}
    </Facts>
  )
}

function DeadlineCountdown({ deadline, cancels }: { deadline: string; cancels: boolean }) {
  const hasPassed = useNow() >= Date.parse(deadline)
  return (
    <>
      <span className={hasPassed ? classes.passed : undefined}>
        <Countdown date={deadline} />
      </span>
      <div className={classes.advice}>{atDeadline(cancels, hasPassed)}</div>
    </>
  )
}

/** How far a moment is, each second; the moment itself as the tooltip. */
function Countdown({ date }: { date: string }) {
  const at = Date.parse(date)
  const text = useNowText((now) => deadlineText(at, now))
  return (
    <time dateTime={date} title={absoluteText(date)}>
      {text}
    </time>
  )
}
