import { Button } from '@mantine/core'
import { IconArrowBarToUp, IconArrowUp, IconPlayerStop, IconRefresh } from '@tabler/icons-react'
import type { Task } from '../../api/wire.ts'
import { AllowedButton } from '../../session/allowed-button.tsx'
import { whyNotCancel, whyNotRerun, whyNotToTop } from '../shared/why-not.ts'
import classes from './list-bar.module.css'
import { PAGE_SIZE } from './tasks-filter.ts'
import type { useTaskActions } from './use-task-actions.ts'

export interface ListBarProps {
  total: number | undefined
  newCount: number
  onShowNew: () => void
  selected: readonly Task[]
  onClear: () => void
  work: ReturnType<typeof useTaskActions>
}

const NUMBERS = new Intl.NumberFormat()

/** The line above the list: how many there are, what is new, and what to do with those that are selected. */
export function ListBar({ total, newCount, onShowNew, selected, onClear, work }: ListBarProps) {
  return (
    <div className={classes.bar}>
      {selected.length > 0 ? (
        <Selected selected={selected} onClear={onClear} work={work} />
      ) : (
        <span className={classes.total}>{total === undefined ? '' : tasksOf(total)}</span>
      )}
      <span role="status" className={classes.news}>
        {newCount > 0 && (
          <Button
            size="compact-sm"
            radius="xl"
            variant="light"
            leftSection={<IconArrowUp size={14} aria-hidden />}
            onClick={onShowNew}
          >
            {newCount >= PAGE_SIZE ? `${PAGE_SIZE} or more new tasks` : `${newCount} new ${wordFor(newCount)}`}
          </Button>
        )}
      </span>
    </div>
  )
}

function Selected({ selected, onClear, work }: Pick<ListBarProps, 'selected' | 'onClear' | 'work'>) {
  const toCancel = selected.filter((task) => whyNotCancel(task) === undefined)
  const toRerun = selected.filter((task) => whyNotRerun(task) === undefined)
  const toMove = selected.filter((task) => whyNotToTop(task) === undefined)
  const { actions, isCancelling, isRerunning, isMoving } = work
  return (
    <fieldset className={classes.selected}>
      <legend className={classes.hidden}>Selected tasks</legend>
      <strong role="status">{NUMBERS.format(selected.length)} selected</strong>
      <AllowedButton
        size="compact-sm"
        variant="default"
        permission="TaskCancel"
        because={toCancel.length === 0 ? 'None of the selected tasks waits or runs.' : undefined}
        loading={isCancelling}
        leftSection={<IconPlayerStop size={14} aria-hidden />}
        onClick={() => void actions.cancel(toCancel)}
      >
        {labelOf('Cancel', toCancel)}
      </AllowedButton>
      <AllowedButton
        size="compact-sm"
        variant="default"
        permission="TaskCreate"
        because={toRerun.length === 0 ? 'None of the selected tasks has ended and can be run again.' : undefined}
        loading={isRerunning}
        leftSection={<IconRefresh size={14} aria-hidden />}
        onClick={() => void actions.rerun(toRerun)}
      >
        {labelOf('Run again', toRerun)}
      </AllowedButton>
      <AllowedButton
        size="compact-sm"
        variant="default"
        permission="TaskEdit"
        because={toMove.length === 0 ? 'None of the selected tasks waits in the queue.' : undefined}
        loading={isMoving}
        leftSection={<IconArrowBarToUp size={14} aria-hidden />}
        onClick={() => void actions.moveToTop(toMove)}
      >
        {labelOf('Move to top', toMove)}
      </AllowedButton>
      <Button size="compact-sm" variant="subtle" onClick={onClear}>
        Clear selection
      </Button>
    </fieldset>
  )
}

/** With how many of the selected ones it is for. */
function labelOf(action: string, tasks: readonly Task[]): string {
  return tasks.length === 0 ? action : `${action} (${NUMBERS.format(tasks.length)})`
}

function tasksOf(total: number): string {
  return `${NUMBERS.format(total)} ${wordFor(total)}`
}

function wordFor(count: number): string {
  return count === 1 ? 'task' : 'tasks'
}
