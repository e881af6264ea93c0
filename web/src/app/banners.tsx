import { useQuery } from '@tanstack/react-query'
import { nodeSummaryQuery, resumeQueue } from '../api/nodes.ts'
import type { Cluster } from '../api/wire.ts'
import { ErrorText } from '../parts/error-text.tsx'
import { Notice } from '../parts/notice.tsx'
import { TimeAgo } from '../parts/time-ago.tsx'
import { useAction } from '../parts/use-action.ts'
import { AllowedButton } from '../session/allowed-button.tsx'
import { useMay } from '../session/current-session.ts'
import classes from './banners.module.css'

/** What concerns every page, above it. */
export function Banners() {
  const { data } = useQuery({ ...nodeSummaryQuery(), enabled: useMay('ServerNodeView') })
  return <div role="status">{data?.Cluster.IsPaused && <PausedBanner cluster={data.Cluster} />}</div>
}

function PausedBanner({ cluster }: { cluster: Cluster }) {
  const resume = useAction(resumeQueue)
  const { PausedBy, PausedAt, PauseReason } = cluster
  return (
    <div className={classes.banner}>
      <Notice
        state="Paused"
        actions={
          <AllowedButton
            permission="QueuePause"
            size="compact-sm"
            variant="default"
            loading={resume.isPending}
            onClick={() => void resume.start()}
          >
            Resume queue
          </AllowedButton>
        }
      >
        <strong>The queue is paused.</strong> Nothing starts, what runs goes on. Paused{PausedBy && ` by ${PausedBy}`}{' '}
        <TimeAgo date={PausedAt} without="" />
        {PauseReason ? `: ${PauseReason}` : '.'}
        <ErrorText error={resume.error} />
      </Notice>
    </div>
  )
}
