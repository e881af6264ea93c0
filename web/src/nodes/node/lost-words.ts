import type { LostTask, Page } from '../../api/wire.ts'

/** True for a lost task that has no re-run yet and may have one. */
export function canRunAgain(task: Pick<LostTask, 'RerunTaskId' | 'CanRerun'>): boolean {
  return task.RerunTaskId === null && task.CanRerun
}

/** What the list of lost tasks comes to; `open` of those shown have not run again yet. */
export function lostSentence(
  { Items, TotalResults }: { Items: readonly unknown[] } & Pick<Page<LostTask>, 'TotalResults'>,
  open: number,
): string {
  const shown = Items.length < TotalResults ? `The newest ${Items.length} of ${TotalResults}. ` : ''
  const rest = open === 0 ? 'None is left to run again.' : `${open} of ${Items.length} not run again yet.`
  return `${shown}Failed because the node was gone. ${rest}`
}

/** On the button that runs the chosen ones again, or all. */
export function rerunWords(chosen: number, open: number): string {
  if (chosen > 0) return `Run ${chosen} again`
  return open <= 1 ? 'Run again' : `Run all ${open} again`
}
