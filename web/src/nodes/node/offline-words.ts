import type { Node } from '../../api/wire.ts'

type Offline = Pick<Node, 'Name' | 'OfflineCause' | 'RunningTaskCount'>

/** What to do about a node that is offline, in the order in which to do it. `lost` of its tasks are not run again yet. */
export function offlineAdvice({ Name, OfflineCause, RunningTaskCount: open }: Offline, lost: number): string[] {
  const advice = [
    wasStopped(OfflineCause)
      ? `Start ${Name} to have it back.`
      : `Look at the machine of ${Name} and at its log, then start it again. It takes its task cap with it.`,
  ]
  if (open > 0) {
    const what = open === 1 ? 'The task it ran is' : `The ${open} tasks it ran are`
    advice.push(`${what} not settled yet. If you know that its process is gone, declare it dead to settle this now.`)
  }
  if (lost > 0) advice.push(`Run the ${lost === 1 ? 'task' : `${lost} tasks`} that it lost again, below.`)
  advice.push('Delete it if it does not come back.')
  return advice
}

/** True for a node that said goodbye: nothing is wrong with it. */
export function wasStopped(cause: string | null): boolean {
  return cause?.startsWith('It was stopped in order') ?? false
}

/** The warnings that are not told elsewhere on the page: not those of fitness, of the drain, or of being offline. */
export function plainWarnings(
  node: Pick<Node, 'Warnings' | 'Fitness' | 'OfflineCause' | 'Drain' | 'IsOffline'>,
): string[] {
  return node.Warnings.filter(
    (sentence) =>
      sentence !== node.OfflineCause &&
      !node.Fitness?.Warnings.includes(sentence) &&
      !(node.Drain !== null && sentence.startsWith('It is in drain mode')),
  )
}
