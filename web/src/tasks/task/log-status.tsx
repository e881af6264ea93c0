import { Button, CloseButton } from '@mantine/core'
import { IconCopy } from '@tabler/icons-react'
import type { FullTask } from '../../api/wire.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { copyText } from '../../parts/copy-text.ts'
import { toastDone } from '../../parts/toast.tsx'
import { withoutControls } from './ansi.ts'
import classes from './log.module.css'
import type { LogSource, LogState } from './log-source.ts'

export interface LogStatusProps {
  task: FullTask
  source: LogSource
  state: LogState
  seen: { first: number; last: number }
  picked: number | undefined
  onUnpick: () => void
}

/** What stands below the lines: where one is, the line that the address names, copying. */
export function LogStatus({ task, source, state, seen, picked, onUnpick }: LogStatusProps) {
  const copy = async () => {
    const lines = textsOf(source, seen.first, seen.last)
    if (await copyText(lines.join('\n'))) toastDone(`${lines.length} ${lines.length === 1 ? 'line' : 'lines'} copied.`)
  }
  return (
    <div className={classes.status}>
      <span>{placeText(task, state, seen)}</span>
      {state.isInterrupted && (
        <span role="status" className={classes.interrupted}>
          No node answers. The log goes on from here when one does.
        </span>
      )}
      {picked !== undefined && (
        <span className={classes.picked}>
          {state.isLoaded && picked > state.total ? `There is no line ${picked} yet` : `Line ${picked}`}
          <CopyButton value={linkTo(picked)} label="Copy link to this line" />
          <CopyButton value={textsOf(source, picked - 1, picked - 1).join('')} label="Copy this line" />
          <CloseButton size="sm" aria-label="Unmark the line" onClick={onUnpick} />
        </span>
      )}
      {state.total > 0 && (
        <span className={classes.end}>
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconCopy size={14} aria-hidden />}
            onClick={() => void copy()}
          >
            Copy what is shown
          </Button>
        </span>
      )}
    </div>
  )
}

function placeText(
  { State }: FullTask,
  { total, isLoaded, isEnded }: LogState,
  seen: { first: number; last: number },
): string {
  if (!isLoaded) return 'Reading the log'
  if (total > 0) {
    const [first, last, all] = [seen.first + 1, seen.last + 1, total].map((number) => number.toLocaleString('en'))
    return `Lines ${first} to ${last} of ${all}`
  }
  if (isEnded) return 'The task has written nothing.'
  return State === 'Queued' ? 'The log begins when the task starts.' : 'The task has written nothing yet.'
}

function textsOf(source: LogSource, first: number, last: number): string[] {
  const texts: string[] = []
  for (let index = first; index <= last; index += 1) {
    const line = source.line(index)
    if (line)
      texts.push(
        withoutControls(line.Text)
          .map(({ text }) => text)
          .join(''),
      )
  }
  return texts
}

function linkTo(line: number): string {
  const { origin, pathname } = window.location
  return `${origin}${pathname}?line=${line}`
}
