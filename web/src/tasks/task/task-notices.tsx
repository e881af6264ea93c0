import type { FullTask } from '../../api/wire.ts'
import { useNowText } from '../../parts/clock.ts'
import { absoluteText, durationText } from '../../parts/dates.ts'
import { Notice } from '../../parts/notice.tsx'
import { TimeAgo } from '../../parts/time-ago.tsx'
import { lookOfTask } from '../shared/task-look.ts'
import classes from './task-page.module.css'

/** What has to be known first: the cause, a silent node, a cancellation that is under way. */
export function TaskNotices({ task }: { task: FullTask }) {
  return (
    <div className={classes.notices}>
      {task.ErrorMessage !== '' && (
        <Notice state={lookOfTask(task).state}>
          <span className={classes.cause}>{task.ErrorMessage}</span>
        </Notice>
      )}
      {task.NodeSilent && <NodeSilent node={task.NodeName} silence={task.NodeSilent} />}
      {task.State === 'Cancelling' && (
        <Notice state="Cancelling">
          {task.CancelRequestedBy ?? 'The system'} asked for it to be cancelled{' '}
          <TimeAgo date={task.CancelRequestedAt} />. Its node is stopping it.
        </Notice>
      )}
    </div>
  )
}

function NodeSilent({ node, silence }: { node: string | null; silence: NonNullable<FullTask['NodeSilent']> }) {
  const settledAt = Date.parse(silence.SettledAt)
  const left = useNowText((now) => (settledAt > now ? `in ${durationText(settledAt - now)}` : 'at any moment'))
  return (
    <Notice state="Warning" role="status">
      {node ?? 'Its node'} was last heard <TimeAgo date={silence.Since} />. Unless it comes back, the task is settled{' '}
      <time dateTime={silence.SettledAt} title={absoluteText(silence.SettledAt)}>
        {left}
      </time>
      .
    </Notice>
  )
}
