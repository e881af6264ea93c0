import { useEffect } from 'react'
import type { LogTimes } from '../task-page-search.ts'
import classes from './log.module.css'
import { LogRow } from './log-row.tsx'
import { LINE_HEIGHT } from './log-scroll.ts'
import type { LogSource, LogState } from './log-source.ts'
import type { LogScroll } from './use-log-scroll.ts'

export interface LogLinesViewProps {
  /** Of the box, for screen readers. */
  label: string
  source: LogSource
  state: LogState
  scroll: LogScroll
  /** The line that the address names, counted from 1. */
  picked: number | undefined
  /** The place of the line at which the search stands. */
  current: number | undefined
  find: string
  times: LogTimes | undefined
  /** When each attempt began, in ms, by its number. */
  starts: ReadonlyMap<number, number>
  onPick: (number: number) => void
}

/** More characters than so many of a line are not drawn. */
const WIDEST = 2060

/** The box with the lines, of which those on the screen are drawn. */
export function LogLinesView(props: LogLinesViewProps) {
  const { label, source, state, scroll, picked, current, find, times, starts, onPick } = props
  const { first, last } = scroll.drawn
  useEffect(() => source.show(first, last), [source, first, last])

  const digits = String(Math.max(state.total, 100)).length
  const places = Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => first + place)
  return (
    <section
      ref={scroll.box}
      className={classes.box}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
      tabIndex={0}
      onScroll={scroll.onScroll}
      onKeyDown={scroll.onKeyDown}
    >
      <div className={classes.all} style={{ height: scroll.space.height }}>
        <div
          className={classes.rows}
          style={{
            transform: `translateY(${scroll.offset}px)`,
            minWidth: `max(100%, ${Math.min(state.longest, WIDEST) + digits + 6}ch)`,
            height: places.length * LINE_HEIGHT,
          }}
        >
          {places.map((index) => {
            const line = source.line(index)
            const before = index === 0 ? undefined : source.line(index - 1)
            return (
              <LogRow
                key={index}
                index={index}
                digits={digits}
                line={line}
                isNewAttempt={line !== undefined && before !== undefined && line.Attempt !== before.Attempt}
                isPicked={picked === index + 1}
                isCurrent={current === index}
                find={find}
                times={times}
                startMs={line && starts.get(line.Attempt)}
                onPick={onPick}
              />
            )
          })}
        </div>
      </div>
    </section>
  )
}
