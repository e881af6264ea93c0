import type { CancelResults } from '../../api/tasks.ts'
import { lookOf } from '../../parts/states.ts'

const MOST_NAMED = 5

/** What became of tasks that were to be cancelled: a sentence, and one more for each that could not be. */
export interface CancelReport {
  sentence: string
  exceptions: string[]
}

/** Tells of each task what happened, without claiming more than the server said. */
export function cancelReport({ Results, CanceledCount, CancellingCount }: CancelResults): CancelReport {
  const already = Results.filter(({ Outcome }) => Outcome === 'AlreadyCancelling').length
  const others = Results.filter(({ Outcome }) => Outcome === 'AlreadyEnded' || Outcome === 'NotFound')
  const parts = [
    CanceledCount > 0 && `${CanceledCount} cancelled`,
    CancellingCount > 0 && `${CancellingCount} being stopped`,
    already > 0 && `${already} being stopped already`,
    others.length > 0 && `${others.length} not cancelled`,
  ].filter((part) => part !== false)
  const named = others
    .slice(0, MOST_NAMED)
    .map(({ TaskId, Outcome, State }) =>
      Outcome === 'NotFound'
        ? `${TaskId}: there is no such task any more.`
        : `${TaskId}: it had ended already (${lookOf(State ?? '').word}).`,
    )
  const more = others.length - named.length
  return {
    sentence: `${parts.join(', ')}.`,
    exceptions: more > 0 ? [...named, `And ${more} more.`] : named,
  }
}

/** What cancelling these would do, for the question before. */
export function cancelConsequence(tasks: readonly { State: string }[]): string {
  const running = tasks.filter(({ State }) => State === 'Executing').length
  const waiting = tasks.filter(({ State }) => State === 'Queued').length
  const rest = tasks.length - running - waiting
  return [
    running > 0 && `${running} ${running === 1 ? 'runs' : 'run'} and will be stopped.`,
    waiting > 0 && `${waiting} ${waiting === 1 ? 'waits' : 'wait'} and will never start.`,
    rest > 0 && `${rest} ${rest === 1 ? 'stays' : 'stay'} as ${rest === 1 ? 'it is' : 'they are'}.`,
  ]
    .filter((part) => part !== false)
    .join(' ')
}
