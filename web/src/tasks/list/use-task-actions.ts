import { createContext, useState } from 'react'
import { cancelTasks } from '../../api/tasks.ts'
import type { Task } from '../../api/wire.ts'
import { ask } from '../../parts/confirm-store.ts'
import { toastDone } from '../../parts/toast.tsx'
import { useAction } from '../../parts/use-action.ts'
import { type CancelReport, cancelConsequence, cancelReport } from './cancel-report.ts'
import { moveTasksToTop, rerunTasks } from './many-tasks.ts'

/** What can be done with tasks of the list, one or many. */
interface TaskActions {
  cancel(tasks: readonly Task[]): Promise<void>
  rerun(tasks: readonly Task[]): Promise<void>
  moveToTop(tasks: readonly Task[]): Promise<void>
}

/** For the rows of the list. */
export const TaskActionsContext = createContext<TaskActions | undefined>(undefined)

/** The actions with what is under way and what came of the last one. */
export function useTaskActions() {
  const cancelling = useAction(cancelTasks)
  const rerunning = useAction(rerunTasks)
  const moving = useAction(moveTasksToTop)
  const [report, setReport] = useState<CancelReport>()
  const begin = () => {
    setReport(undefined)
    for (const action of [cancelling, rerunning, moving]) action.reset()
  }
  const actions: TaskActions = {
    async cancel(tasks) {
      begin()
      if (!(await ask(cancelQuestion(tasks)))) return
      const results = await cancelling.start({ tasks })
      if (!results) return
      const found = cancelReport(results)
      toastDone(found.sentence)
      if (found.exceptions.length > 0) setReport(found)
    },
    async rerun(tasks) {
      begin()
      await rerunning.start({ tasks })
    },
    async moveToTop(tasks) {
      begin()
      await moving.start({ tasks })
    },
  }
  return {
    actions,
    isCancelling: cancelling.isPending,
    isRerunning: rerunning.isPending,
    isMoving: moving.isPending,
    error: cancelling.error ?? rerunning.error ?? moving.error,
    report,
    dismiss: begin,
  }
}

function cancelQuestion(tasks: readonly Task[]) {
  const [only] = tasks
  const what = tasks.length === 1 && only ? only.Id : `${tasks.length} tasks`
  return {
    title: `Cancel ${what}?`,
    body: cancelConsequence(tasks),
    action: `Cancel ${what}`,
    leave: 'Leave',
    isDangerous: true,
  }
}
