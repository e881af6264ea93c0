import type { Task } from '../../api/wire.ts'
import { lookOf, type StateName, type Tone } from '../../parts/states.ts'

/** How a task's state is shown. */
interface TaskLook {
  state: StateName
  word: string
}

type Known = Pick<Task, 'State' | 'IsLost' | 'StartTime' | 'QueueTime'>

/** True for a task that failed because its node was lost, and that nobody has set to another state since. */
export function isLost({ State, IsLost }: Pick<Task, 'State' | 'IsLost'>): boolean {
  return State === 'Failed' && IsLost
}

/** True for a task that never started, or not again, within its window. */
export function isExpired({ State, StartTime }: Pick<Task, 'State' | 'StartTime'>): boolean {
  return State === 'TimedOut' && StartTime === null
}

/** The state in the words of an operator: a failure of the node and an expiry in the queue are told apart from others. */
export function lookOfTask(task: Known): TaskLook {
  if (isLost(task)) return { state: 'Lost', word: 'Lost' }
  if (isExpired(task)) return { state: 'Expired', word: 'Expired' }
  return { state: task.State, word: lookOf(task.State).word }
}

/** The tint of a task's row: red for what went wrong beside a plain failure, amber for what is in doubt. */
export function toneOfTask(task: Known & Pick<Task, 'NodeSilent'>): Extract<Tone, 'red' | 'amber'> | undefined {
  if (isLost(task) || task.State === 'TimedOut') return 'red'
  return task.NodeSilent ? 'amber' : undefined
}
