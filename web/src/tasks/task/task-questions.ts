import type { FullTask } from '../../api/wire.ts'
import type { Question } from '../../parts/confirm-store.ts'

type Known = Pick<FullTask, 'Id' | 'State' | 'IsCompleted' | 'NodeName'>

/** What is asked before a task that runs is cancelled. */
export function cancelQuestion({ Id, NodeName }: Known): Question {
  return {
    title: `Cancel ${Id}?`,
    body: `${NodeName ?? 'Its node'} stops it and everything it has started. What it has done so far stays done.`,
    action: `Cancel ${Id}`,
    leave: 'Let it run',
    isDangerous: true,
  }
}

/** What is asked before a task that will not stop is given up. */
export function abandonQuestion({ Id, NodeName }: Known): Question {
  return {
    title: `Abandon ${Id}?`,
    body: `${NodeName ?? 'Its node'} has not confirmed that it stopped the task. Abandoned, it counts as cancelled and frees its place, but its process may go on. Make sure that it does no harm.`,
    action: `Abandon ${Id}`,
    leave: 'Wait on',
    isDangerous: true,
  }
}

/** Why a task cannot be abandoned; undefined when it can be tried. The server knows whether it was long enough. */
export function whyNotAbandon({ State }: Known): string | undefined {
  return State === 'Cancelling' ? undefined : 'Only a task that hangs in Cancelling can be abandoned.'
}

/** Why the state of a task cannot be set; undefined when it can. */
export function whyNotSetState({ IsCompleted }: Known): string | undefined {
  return IsCompleted ? undefined : 'Only a task that has ended can be set to another state.'
}
