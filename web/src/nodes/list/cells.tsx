import { IconAlertTriangle, IconPlugConnected } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import { useServedBy } from '../../api/connection.ts'
import type { Node } from '../../api/wire.ts'
import { StateBadge } from '../../parts/state-badge.tsx'
import { UsedBar } from '../../parts/used-bar.tsx'
import { CapEditor } from '../shared/cap-editor.tsx'
import { DrainSwitch } from '../shared/drain-switch.tsx'
import { NodeMenu } from '../shared/node-menu.tsx'
import classes from './cells.module.css'
import { fitnessOf } from './node-notes.ts'
import { isSameNode } from './same-node.ts'

interface OfNode {
  node: Node
}

export const NameCell = memo(function NameCell({ node }: OfNode) {
  const isServing = useServedBy() === node.Name
  return (
    <span className={classes.name}>
      <Link to="/nodes/$id" params={{ id: node.Id }}>
        {node.Name}
      </Link>
      {isServing && (
        <span className={classes.serving} title={`${node.Name} serves this page.`}>
          <IconPlugConnected size={12} aria-hidden />
          serves this page
        </span>
      )}
    </span>
  )
}, isSameNode)

export const RankCell = memo(function RankCell({ node }: OfNode) {
  if (node.IsLeader) return <StateBadge state="Leader" isPlain />
  return <span className={classes.quiet}>{node.IsOffline ? '–' : 'Follower'}</span>
}, isSameNode)

export const StatusCell = memo(function StatusCell({ node }: OfNode) {
  const left = node.Status === 'Draining' ? { detail: `${node.RunningTaskCount} left` } : {}
  return <StateBadge state={node.Status} {...left} />
}, isSameNode)

export const TasksCell = memo(function TasksCell({ node }: OfNode) {
  const { Name, RunningTaskCount, MaxConcurrentTasks } = node
  return (
    <span className={classes.tasks}>
      <Link
        to="/tasks"
        search={{ node: Name, states: ['Executing', 'Cancelling'] }}
        aria-label={`${RunningTaskCount} of ${MaxConcurrentTasks} tasks run on ${Name}`}
      >
        {RunningTaskCount} of {MaxConcurrentTasks}
      </Link>
      <UsedBar used={RunningTaskCount} of={MaxConcurrentTasks} label={`Tasks of ${Name}`} />
    </span>
  )
}, isSameNode)

export const CapCell = memo(function CapCell({ node }: OfNode) {
  return <CapEditor node={node} />
}, isSameNode)

export const DrainCell = memo(function DrainCell({ node }: OfNode) {
  return <DrainSwitch node={node} />
}, isSameNode)

export const VersionCell = memo(function VersionCell({ node, common }: OfNode & { common: string | undefined }) {
  const isOdd = !node.IsOffline && node.Version !== '' && node.Version !== common
  if (!isOdd) return <span className={classes.quiet}>{node.Version || '–'}</span>
  return (
    <span className={classes.odd} title={`Most nodes run ${common}.`}>
      <IconAlertTriangle size={14} aria-hidden />
      {node.Version}
      <span className={classes.hidden}>, differs from {common}</span>
    </span>
  )
}, isSameNode)

export function FitnessCell({ node }: OfNode) {
  const fitness = fitnessOf(node)
  if (!fitness) return <span className={classes.quiet}>–</span>
  return <StateBadge {...fitness} isPlain />
}

export const MenuCell = memo(function MenuCell({ node }: OfNode) {
  return (
    <div className={classes.menu}>
      <NodeMenu node={node} />
    </div>
  )
}, isSameNode)
