import type { LostTask } from '../../api/wire.ts'

/** What became of the tasks that an offline node ran, as sentences; `running` are those not settled yet. */
export function lostSentence(running: number, lost: readonly Pick<LostTask, 'RerunTaskId'>[] | undefined): string {
  const parts: string[] = []
  if (running > 0) parts.push(`It was running ${tasks(running)}, not settled yet.`)
  if (lost && lost.length > 0) {
    const again = lost.filter(({ RerunTaskId }) => RerunTaskId !== null).length
    const rest = again === 0 ? '' : again === lost.length ? ', which ran again' : `, of which ${again} ran again`
    parts.push(`It lost ${tasks(lost.length)}${rest}.`)
  }
  if (running === 0 && lost?.length === 0) parts.push('It lost no tasks.')
  return parts.join(' ')
}

function tasks(count: number): string {
  return `${count} ${count === 1 ? 'task' : 'tasks'}`
}
