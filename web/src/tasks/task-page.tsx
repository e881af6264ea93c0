import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { taskQuery } from '../api/tasks.ts'
import { Loaded } from '../parts/load-states.tsx'
import { PageHeader } from '../parts/page-header.tsx'
import { TaskState } from './shared/task-state.tsx'
import { LogPanel } from './task/log-panel.tsx'
import { QueuePanel } from './task/queue-panel.tsx'
import { TaskActions } from './task/task-actions.tsx'
import { TaskArguments } from './task/task-arguments.tsx'
import { TaskAttempts } from './task/task-attempts.tsx'
import { TaskBrief } from './task/task-brief.tsx'
import { TaskFacts } from './task/task-facts.tsx'
import { TaskNotices } from './task/task-notices.tsx'
import classes from './task/task-page.module.css'
import { useKindTitle } from './task/use-kind-title.ts'

const RUNNING_EVERY_MS = 2000
const WAITING_EVERY_MS = 5000

const route = getRouteApi('/tasks/$id')

/** One task: what became of it and why, its log, and what can be done. */
export function TaskPage() {
  const { id } = route.useParams()
  // That a node falls silent is no event of its task.
  const query = useQuery({
    ...taskQuery(id),
    refetchInterval: ({ state }) =>
      state.data?.IsCompleted ? false : state.data?.StartTime ? RUNNING_EVERY_MS : WAITING_EVERY_MS,
  })
  const task = query.data
  const kind = useKindTitle(task?.Name)
  return (
    <>
      <PageHeader
        title={task?.Description || kind || id}
        documentTitle={`${task?.Id ?? id} ${task?.Description || kind}`.trim()}
        back={{ to: '/tasks', label: 'Tasks' }}
        badges={
          task && (
            <span className={classes.state}>
              <TaskState task={task} />
            </span>
          )
        }
        actions={task && <TaskActions task={task} />}
      >
        {task && <TaskBrief task={task} kind={kind} />}
      </PageHeader>
      <Loaded query={query} back={<Link to="/tasks">Go to the tasks</Link>}>
        {(loaded) => (
          <>
            <TaskNotices task={loaded} />
            <div className={classes.columns}>
              <div className={classes.main}>
                {loaded.State === 'Queued' && <QueuePanel task={loaded} />}
                <LogPanel key={loaded.Id} task={loaded} />
              </div>
              <div className={classes.side}>
                <TaskFacts task={loaded} kind={kind} />
                {loaded.Attempts.length > 0 && <TaskAttempts task={loaded} />}
                <TaskArguments task={loaded} />
              </div>
            </div>
          </>
        )}
      </Loaded>
    </>
  )
}
