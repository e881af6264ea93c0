import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { serverNow } from '../../api/connection.ts'
import { lostTasksQuery } from '../../api/nodes.ts'
import type { Node } from '../../api/wire.ts'
import { useNowText } from '../../parts/clock.ts'
import { Duration } from '../../parts/duration.tsx'
import { lostSentence } from '../shared/lost-words.ts'
import { RerunLostDialog } from '../shared/rerun-lost-dialog.tsx'
import classes from './node-note.module.css'
import { causeSentence, drainSentences, momentText, troublesOf } from './node-notes.ts'

/** What has to be said of a node below its row; undefined when nothing has. `isTelling`: with what it lost. */
export function noteOf(node: Node, isTelling: boolean) {
  if (node.IsOffline) return <OfflineNote node={node} isTelling={isTelling} />
  const troubles = troublesOf(node)
  if (troubles.length === 0 && node.Drain === null) return undefined
  return (
    <div className={classes.notes}>
      {node.Drain && <DrainNote drain={node.Drain} status={node.Status} />}
      {troubles.map((trouble) => (
        <div key={trouble} className={classes.note} data-tone="amber">
          <IconAlertTriangle size={15} aria-hidden className={classes.icon} />
          <span>{trouble}</span>
        </div>
      ))}
    </div>
  )
}

function DrainNote({ drain, status }: { drain: NonNullable<Node['Drain']>; status: Node['Status'] }) {
  const text = useNowText((now) => drainSentences(drain, status, now))
  return <div className={classes.note}>{text}</div>
}

function OfflineNote({ node, isTelling }: { node: Node; isTelling: boolean }) {
  const [isOpen, setIsOpen] = useState(false)
  const { OfflineSince, OfflineCause, RunningTaskCount } = node
  const { data } = useQuery({ ...lostTasksQuery(node.Id, OfflineSince ?? undefined), enabled: isTelling })
  const lost = lostSentence(RunningTaskCount, data?.Items)
  return (
    <div className={classes.notes}>
      <div className={classes.note} data-tone="red">
        <IconAlertTriangle size={15} aria-hidden className={classes.icon} />
        <span>
          <strong>Offline</strong>
          {OfflineSince && (
            <>
              {' '}
              since {momentText(OfflineSince, serverNow())}, for <Duration from={OfflineSince} />
            </>
          )}
          . {causeSentence(OfflineCause)} {lost}{' '}
          {data && data.Items.length > 0 && (
            <button type="button" className={classes.link} onClick={() => setIsOpen(true)}>
              Show what {node.Name} lost
            </button>
          )}
        </span>
      </div>
      <RerunLostDialog node={node} isOpen={isOpen} onClose={() => setIsOpen(false)} />
    </div>
  )
}
