import type { Node } from '../../api/wire.ts'
import { agoText, durationText } from '../../parts/dates.ts'

type Draining = Pick<Node, 'Drain' | 'RunningTaskCount' | 'IsOffline'>

/** How far the drain has come, in few words. */
export function drainHeadline({ Drain, RunningTaskCount: left, IsOffline }: Draining): string {
  if (IsOffline) return 'Drain is on while the node is offline'
  if (left > 0) return `${left} ${left === 1 ? 'task is' : 'tasks are'} left`
  return Drain?.Retire ? 'Nothing runs any more, so it leaves the cluster' : 'Nothing runs any more'
}

/** What the drain means for who wants to work on the machine. */
export function drainAdvice({ RunningTaskCount: left, IsOffline, Drain }: Draining): string {
  if (IsOffline) return 'It stays in drain mode when it starts again.'
  if (left > 0) return 'It starts nothing new. What runs goes on until it has ended.'
  return Drain?.Retire ? 'Its process stops by itself.' : 'The node can be stopped, patched or restarted now.'
}

/** How far a moment ahead is, to the second: `In 4 min 10 s`, or `Passed 2 min ago`. */
export function deadlineText(deadline: number, now: number): string {
  return deadline > now ? `In ${durationText(deadline - now + 999)}` : `Passed ${agoText(deadline, now)}`
}

/** What happens at the deadline, or has happened. */
export function atDeadline(cancels: boolean, hasPassed: boolean): string {
  if (cancels) return hasPassed ? 'What still ran was cancelled.' : 'What still runs then is cancelled.'
  return hasPassed ? 'What still runs goes on.' : 'Nothing is cancelled then. What still runs goes on.'
}

/** How many of those that ran when the drain began have ended. */
export function drainProgress(left: number, ended: number): { ended: number; of: number; text: string } {
  const of = left + ended
  return { ended, of, text: `${ended} of ${of} ended since the drain began` }
}
