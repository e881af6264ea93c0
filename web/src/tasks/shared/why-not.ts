import type { Task } from '../../api/wire.ts'

type Known = Pick<Task, 'State' | 'IsCompleted' | 'CanRerun' | 'IsMovedToTop'>

/** Why a task cannot be cancelled now; undefined when it can. */
export function whyNotCancel({ State, IsCompleted }: Known): string | undefined {
  if (IsCompleted) return 'The task has ended.'
  return State === 'Cancelling' ? 'The task is being cancelled already.' : undefined
}

/** Why a task cannot be run again now; undefined when it can. */
export function whyNotRerun({ IsCompleted, CanRerun }: Known): string | undefined {
  if (!IsCompleted) return 'The task has not ended.'
  return CanRerun ? undefined : 'Only the system starts tasks of this kind.'
}

/** Why a task cannot be moved to the top of the queue; undefined when it can. */
export function whyNotToTop({ State }: Known): string | undefined {
  return State === 'Queued' ? undefined : 'The task does not wait in the queue.'
}
