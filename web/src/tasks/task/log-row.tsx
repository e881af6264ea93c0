import { VisuallyHidden } from '@mantine/core'
import { type MouseEvent, memo } from 'react'
import type { LogLine } from '../../api/wire.ts'
import { absoluteText } from '../../parts/dates.ts'
import type { LogTimes } from '../task-page-search.ts'
import { lineParts } from './line-parts.ts'
import classes from './log.module.css'
import { lineTime } from './log-times.ts'

export interface LogRowProps {
  /** The line's place, counted from 0. */
  index: number
  /** How wide the numbers are. */
  digits: number
  /** Undefined while it has not been read. */
  line: LogLine | undefined
  /** The line before it is of another attempt. */
  isNewAttempt: boolean
  /** The address names it. */
  isPicked: boolean
  /** The search stands at it. */
  isCurrent: boolean
  find: string
  times: LogTimes | undefined
  /** When its attempt began, in ms. */
  startMs: number | undefined
  onPick: (number: number) => void
}

const SIGNS = { output: '', error: '!', tako: '▸' } as const
const WORDS = { output: '', error: 'Standard error: ', tako: 'Tako: ' } as const

/** One line of a log, on one line of the screen. */
export const LogRow = memo(function LogRow(props: LogRowProps) {
  const { index, digits, line, isNewAttempt, isPicked, isCurrent, times, startMs, onPick } = props
  const number = index + 1
  const pick = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    onPick(number)
  }
  return (
    <div
      className={classes.row}
      data-line={number}
      data-stream={line?.Stream}
      data-picked={isPicked || undefined}
      data-current={isCurrent || undefined}
      data-attempt={isNewAttempt || undefined}
    >
      <a
        className={classes.number}
        style={{ width: `${digits + 2}ch` }}
        href={`?line=${number}`}
        tabIndex={-1}
        onClick={pick}
        aria-label={`Line ${number}`}
      >
        {number}
      </a>
      {times && line && (
        <time className={classes.time} dateTime={line.At} title={absoluteText(line.At)}>
          {lineTime(line.At, times, startMs)}
        </time>
      )}
      <span className={classes.sign} aria-hidden>
        {line && SIGNS[line.Stream]}
      </span>
      {line && WORDS[line.Stream] !== '' && (
        <VisuallyHidden className={classes.unselected}>{WORDS[line.Stream]}</VisuallyHidden>
      )}
      {isNewAttempt && <span className={classes.attempt}>Attempt {line?.Attempt}</span>}
      {line ? <LineText line={line} find={props.find} /> : <span className={classes.unread}>·····</span>}
    </div>
  )
})

function LineText({ line, find }: { line: LogLine; find: string }) {
  const { parts, hiddenBefore, hiddenAfter } = lineParts(line.Text, find)
  return (
    <>
      {hiddenBefore > 0 && <Hidden count={hiddenBefore} where="before" />}
      <span className={classes.text}>
        {parts.map(({ text, colour, isBold, isMatch }, place) => {
          const Part = isMatch ? 'mark' : 'span'
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a line have nothing but their place.
            <Part key={place} data-colour={colour} data-bold={isBold}>
              {text}
            </Part>
          )
        })}
      </span>
      {hiddenAfter > 0 && <Hidden count={hiddenAfter} where="more" />}
      {line.IsContinued && (
        <span className={classes.note} title="This line is so long that it goes on in a later entry.">
          goes on ↩
        </span>
      )}
    </>
  )
}

function Hidden({ count, where }: { count: number; where: 'before' | 'more' }) {
  return (
    <span className={classes.note} title="Copy the line, or download the log, for all of it.">
      … {count.toLocaleString('en')} {where === 'more' ? 'more characters' : 'characters before'}
    </span>
  )
}
