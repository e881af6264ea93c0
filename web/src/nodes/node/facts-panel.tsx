import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { nodeSummaryQuery } from '../../api/nodes.ts'
import type { Node } from '../../api/wire.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { absoluteText } from '../../parts/dates.ts'
import { Duration } from '../../parts/duration.tsx'
import { Fact, Facts } from '../../parts/facts.tsx'
import { Panel } from '../../parts/panel.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { TimeAgo } from '../../parts/time-ago.tsx'
import { UsedBar } from '../../parts/used-bar.tsx'
import { CapEditor } from '../shared/cap-editor.tsx'
import classes from './facts-panel.module.css'

/** What is known of a node, in full. */
export function FactsPanel({ node }: { node: Node }) {
  return (
    <Panel title="Facts">
      <Facts>
        <Fact name="Status">
          <StateBadge state={node.Status} isPlain />
        </Fact>
        <Fact name="Rank">
          <Rank node={node} />
        </Fact>
        <Fact name="Last seen">
          <TimeAgo date={node.LastSeen} />
        </Fact>
        <Fact name="Running">
          {node.RunningTaskCount} of {node.MaxConcurrentTasks}{' '}
          <UsedBar used={node.RunningTaskCount} of={node.MaxConcurrentTasks} label={`Tasks of ${node.Name}`} />
        </Fact>
        <Fact name="Task cap">
          <CapEditor node={node} />
        </Fact>
        <Fact name="Takes tasks">{node.CanClaim ? 'Yes' : 'No'}</Fact>
        <Fact name="Started">
          <Started node={node} />
        </Fact>
        <Fact name="Version">{node.Version === '' ? 'Unknown' : node.Version}</Fact>
        <Fact name="Direct URL">
          <Address url={node.Url} name="direct URL" />
        </Fact>
        <Fact name="Ping URL">
          <Address url={node.PingUrl} name="ping URL" />
        </Fact>
        <Fact name="Id">
          <Copied value={node.Id} label="Copy id">
            {node.Id}
          </Copied>
        </Fact>
        <Fact name="Incarnation">
          {node.Incarnation === null ? (
            'None'
          ) : (
            <Copied value={node.Incarnation} label="Copy incarnation">
              <code className={classes.code}>{node.Incarnation}</code>
            </Copied>
          )}
        </Fact>
        <Fact name="Settings changed">
          <TimeAgo date={node.LastModifiedOn} /> by {node.LastModifiedBy}
        </Fact>
      </Facts>
    </Panel>
  )
}

/** With the term and since when; of a follower, whom it follows. */
function Rank({ node }: { node: Node }) {
  const { data } = useQuery(nodeSummaryQuery())
  const leader = data?.Nodes.find(({ Id }) => Id === data.Cluster.LeaderNodeId)
  return (
    <>
      <StateBadge state={node.IsLeader ? 'Leader' : 'Follower'} isPlain />
      {data && (
        <div className={classes.more}>
          {node.IsLeader ? (
            <>
              Term {data.Cluster.Term}
              {data.Cluster.LeaderSince !== null && (
                <>
                  , for <Duration from={data.Cluster.LeaderSince} />
                </>
              )}
            </>
          ) : leader ? (
            <>
              {leader.Name} leads, term {data.Cluster.Term}
            </>
          ) : (
            'Nobody leads at present'
          )}
        </div>
      )}
    </>
  )
}

function Started({ node: { StartTime, IsOffline } }: { node: Node }) {
  if (StartTime === null) return 'Never'
  return (
    <>
      <time dateTime={StartTime}>{absoluteText(StartTime)}</time>
      {!IsOffline && (
        <div className={classes.more}>
          Up for <Duration from={StartTime} />
        </div>
      )}
    </>
  )
}

function Address({ url, name }: { url: string | null; name: string }) {
  if (url === null) return 'Unknown'
  return (
    <Copied value={url} label={`Copy ${name}`}>
      <a href={url} target="_blank" rel="noreferrer">
        {url}
      </a>
    </Copied>
  )
}

function Copied({ value, label, children }: { value: string; label: string; children: ReactNode }) {
  return (
    <span className={classes.copied}>
      <span>{children}</span>
      <CopyButton value={value} label={label} />
    </span>
  )
}
