import { Link } from '@tanstack/react-router'
import type { FullTask } from '../../api/wire.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Duration } from '../../parts/duration.tsx'
import { TimeAgo } from '../../parts/time-ago.tsx'
import classes from './task-page.module.css'

/** The line below the heading: which task, where, how long. */
export function TaskBrief({ task, kind }: { task: FullTask; kind: string }) {
  return (
    <div className={classes.brief}>
      <span className={classes.id}>
        {task.Id}
        <CopyButton value={task.Id} label="Copy id" size="xs" />
      </span>
      {task.Description !== '' && <span>{kind}</span>}
      {task.ServerNode && (
        <span>
          {task.IsCompleted ? 'ran on ' : 'on '}
          <Link to="/nodes/$id" params={{ id: task.ServerNode }}>
            {task.NodeName}
          </Link>
        </span>
      )}
      {task.StartTime ? (
        <span>
          {task.IsCompleted ? 'took ' : 'for '}
          <Duration from={task.StartTime} to={task.CompletedTime} />
        </span>
      ) : (
        !task.IsCompleted && (
          <span>
            queued <TimeAgo date={task.QueueTime} />
          </span>
        )
      )}
      {task.CompletedTime && (
        <span>
          ended <TimeAgo date={task.CompletedTime} />
        </span>
      )}
    </div>
  )
}
