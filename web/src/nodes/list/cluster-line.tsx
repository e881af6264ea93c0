import { IconCrown } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { NodeSummary } from '../../api/wire.ts'
import { Duration } from '../../parts/duration.tsx'
import { slotsUsed } from '../../parts/slots-used.ts'
import { TimeAgo } from '../../parts/time-ago.tsx'
import { UsedBar } from '../../parts/used-bar.tsx'
import classes from './cluster-line.module.css'
import { PauseSwitch } from './pause-switch.tsx'

const NUMBERS = new Intl.NumberFormat()

/** The cluster as a whole: who leads, how full it is, what waits, and whether anything starts. */
export function ClusterLine({ summary: { Nodes, Cluster } }: { summary: NodeSummary }) {
  const leader = Nodes.find(({ Id }) => Id === Cluster.LeaderNodeId)
  const used = slotsUsed(Nodes)
  const others = Cluster.RunningTaskCount - used
  return (
    <section className={classes.line} aria-label="The cluster as a whole">
      <dl className={classes.facts}>
        <Fact
          name="Leader"
          more={
            leader &&
            Cluster.LeaderSince && (
              <>
                term {Cluster.Term}, for <Duration from={Cluster.LeaderSince} />
              </>
            )
          }
        >
          {leader ? (
            <>
              <IconCrown size={16} aria-hidden className={classes.crown} />
              <Link to="/nodes/$id" params={{ id: leader.Id }}>
                {leader.Name}
              </Link>
            </>
          ) : (
            <span className={classes.none}>Nobody leads</span>
          )}
        </Fact>
        <Fact
          name="Capacity"
          more={
            <>
              <UsedBar used={used} of={Cluster.TotalTaskCap} label="Slots used in the cluster" />
              {others > 0 && (
                <span title="On nodes that take no tasks, such as those in drain mode">
                  {' '}
                  {NUMBERS.format(others)} more elsewhere
                </span>
              )}
            </>
          }
        >
          <span>
            {NUMBERS.format(used)} of {NUMBERS.format(Cluster.TotalTaskCap)} slots
          </span>
        </Fact>
        <Fact name="Queued">
          <Link to="/tasks" search={{ states: ['Queued'] }}>
            {NUMBERS.format(Cluster.QueuedTaskCount)}
            <span className={classes.hidden}> tasks queued</span>
          </Link>
        </Fact>
        <Fact name="Oldest waiting">
          {Cluster.OldestQueuedAt ? <Duration from={Cluster.OldestQueuedAt} /> : <span>none</span>}
        </Fact>
        <Fact name="Queue" more={Cluster.IsPaused && <TimeAgo date={Cluster.PausedAt} without="" />}>
          <PauseSwitch cluster={Cluster} />
        </Fact>
      </dl>
    </section>
  )
}

function Fact({ name, more, children }: { name: string; more?: ReactNode; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>
        <span className={classes.value}>{children}</span>
        {more && <span className={classes.more}>{more}</span>}
      </dd>
    </div>
  )
}
