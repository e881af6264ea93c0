import { useNavigate } from '@tanstack/react-router'
import type { Node } from '../../api/wire.ts'
import { Notice } from '../../parts/notice.tsx'
import { PageHeader, type PageHeaderProps } from '../../parts/page-header.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { NodeMenu } from '../shared/node-menu.tsx'
import { DrainButton } from './drain-button.tsx'
import { DrainPanel } from './drain-panel.tsx'
import { FactsPanel } from './facts-panel.tsx'
import { FitnessPanel } from './fitness-panel.tsx'
import { LoadPanel } from './load-panel.tsx'
import { LostTasks } from './lost-tasks.tsx'
import classes from './node-view.module.css'
import { OfflineNotice } from './offline-notice.tsx'
import { plainWarnings } from './offline-words.ts'
import { RunningTasks } from './running-tasks.tsx'
import { TimeLinePanel } from './time-line-panel.tsx'

/** A node that is there. What needs somebody comes first. */
export function NodeView({ node, back }: { node: Node; back: NonNullable<PageHeaderProps['back']> }) {
  const navigate = useNavigate()
  const leave = () => void navigate({ to: '/nodes' })
  return (
    <>
      <PageHeader
        title={node.Name}
        back={back}
        badges={
          <>
            <StateBadge
              state={node.Status}
              {...(node.Status === 'Draining' ? { detail: `${node.RunningTaskCount} left` } : {})}
            />
            <StateBadge state={node.IsLeader ? 'Leader' : 'Follower'} />
          </>
        }
        actions={
          <>
            <DrainButton node={node} />
            <NodeMenu node={node} onDeleted={leave} />
          </>
        }
      />
      {node.Status === 'Offline' && <OfflineNotice node={node} onDeleted={leave} />}
      {plainWarnings(node).map((sentence) => (
        <div key={sentence} className={classes.notice}>
          <Notice state="Warning">{sentence}</Notice>
        </div>
      ))}
      <div className={classes.columns}>
        <div className={classes.main}>
          {node.Drain !== null && <DrainPanel node={node} drain={node.Drain} />}
          {(!node.IsOffline || node.RunningTaskCount > 0) && <RunningTasks node={node} />}
          {node.IsOffline && <LostTasks node={node} />}
          <LoadPanel id={node.Id} />
          {!node.IsOffline && <LostTasks node={node} />}
        </div>
        <div className={classes.side}>
          <FactsPanel node={node} />
          <FitnessPanel node={node} />
          <TimeLinePanel node={node} />
        </div>
      </div>
    </>
  )
}
