import type { Task } from '../../api/wire.ts'
import { StateBadge } from '../../parts/state-badge.tsx'
import { lookOfTask } from './task-look.ts'

/** A task's state as icon, word and colour, with lost and expired told apart. */
export function TaskState({ task, isPlain }: { task: Task; isPlain?: boolean }) {
  const { state, word } = lookOfTask(task)
  return <StateBadge state={state} word={word} {...(isPlain ? { isPlain } : {})} />
}
