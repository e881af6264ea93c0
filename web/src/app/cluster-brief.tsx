import { IconCrown } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { nodeSummaryQuery } from '../api/nodes.ts'
import { slotsUsed } from '../parts/slots-used.ts'
import { useMay } from '../session/current-session.ts'
import classes from './cluster-brief.module.css'

const NUMBERS = new Intl.NumberFormat()

/** The cluster in the header: who leads, how many slots are used, how many tasks wait. */
export function ClusterBrief() {
  const { data } = useQuery({ ...nodeSummaryQuery(), enabled: useMay('ServerNodeView') })
  if (!data) return null
  const { Nodes, Cluster } = data
  const leader = Nodes.find((node) => node.Id === Cluster.LeaderNodeId)
  return (
    <ul className={classes.brief} aria-label="The cluster">
      <li>
        <IconCrown size={15} aria-hidden className={classes.crown} />
        {leader ? (
          <Link to="/nodes/$id" params={{ id: leader.Id }} className={classes.link}>
            {leader.Name}
            <span className={classes.extra}> leads</span>
          </Link>
        ) : (
          <span className={classes.none}>No leader</span>
        )}
      </li>
      <li className={classes.wide}>
        <span className="tabular">
          {NUMBERS.format(slotsUsed(Nodes))} of {NUMBERS.format(Cluster.TotalTaskCap)}
        </span>{' '}
        slots used
      </li>
      <li>
        <span className="tabular">{NUMBERS.format(Cluster.QueuedTaskCount)}</span> queued
      </li>
    </ul>
  )
}
