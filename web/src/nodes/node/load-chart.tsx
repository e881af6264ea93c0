import { useElementSize } from '@mantine/hooks'
import { IconCircleX } from '@tabler/icons-react'
import { useId, useState } from 'react'
import type { LoadMinute, NodeLoad } from '../../api/wire.ts'
import { type Bar, drawLoad, type LoadDrawing, loadSentence, loadSum } from './load.ts'
import classes from './load-chart.module.css'
import { minuteText } from './minute-text.ts'

const HEIGHT = 180

/** Bars of what ran, the cap as a line across, and a cross below each minute in which something failed. */
export function LoadChart({ load }: { load: NodeLoad }) {
  const id = useId()
  const { ref, width } = useElementSize()
  const [pointedAt, setPointedAt] = useState<string>()
  const drawing = drawLoad(load, { width, height: HEIGHT })
  const pointed = load.Minutes.find(({ At }) => At === pointedAt)
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.legend}>
        {pointed ? <MinuteWords minute={pointed} /> : <SumWords load={load} />}
      </figcaption>
      <div ref={ref} className={classes.box}>
        <svg
          role="img"
          aria-labelledby={`${id}-title ${id}-desc`}
          width={width}
          height={HEIGHT}
          onPointerLeave={() => setPointedAt(undefined)}
        >
          <title id={`${id}-title`}>Load of the last {load.Minutes.length} minutes</title>
          <desc id={`${id}-desc`}>{loadSentence(load)}</desc>
          {width > 0 && <Drawing drawing={drawing} cap={load.MaxConcurrentTasks} onPoint={setPointedAt} />}
        </svg>
      </div>
    </figure>
  )
}

function SumWords({ load }: { load: NodeLoad }) {
  const { peak, started, finished, failed } = loadSum(load.Minutes)
  return (
    <>
      <span>
        Peak <strong>{peak}</strong>, cap <strong>{load.MaxConcurrentTasks}</strong>
      </span>
      <span>
        <strong>{started}</strong> started
      </span>
      <span>
        <strong>{finished}</strong> ended
      </span>
      <FailedWords count={failed} />
    </>
  )
}

function MinuteWords({ minute }: { minute: LoadMinute }) {
  return (
    <>
      <span>
        <strong>{minuteText(minute.At)}</strong>
      </span>
      <span>
        Peak <strong>{minute.Running}</strong>
      </span>
      <span>
        <strong>{minute.Started}</strong> started
      </span>
      <span>
        <strong>{minute.Finished}</strong> ended
      </span>
      <FailedWords count={minute.Failed} />
    </>
  )
}

function FailedWords({ count }: { count: number }) {
  return (
    <span className={count > 0 ? classes.failedWords : undefined}>
      {count > 0 && <IconCircleX size={14} aria-hidden />}
      <strong>{count}</strong> failed
    </span>
  )
}

interface DrawingProps {
  drawing: LoadDrawing
  cap: number
  onPoint: (at: string) => void
}

function Drawing({ drawing, cap, onPoint }: DrawingProps) {
  const { plot, bars, levels, capY, times, slotWidth } = drawing
  return (
    <g aria-hidden>
      {levels.map(({ value, y }) => (
        <g key={value}>
          <line className={classes.level} x1={plot.left} x2={plot.right} y1={y} y2={y} />
          <text className={classes.label} x={plot.left - 8} y={y} dy="0.32em" textAnchor="end">
            {value}
          </text>
        </g>
      ))}
      {bars.map((bar) => (
        <rect key={bar.at} className={classes.bar} x={bar.x} y={bar.y} width={bar.width} height={bar.height} rx={1} />
      ))}
      <line className={classes.cap} x1={plot.left} x2={plot.right} y1={capY} y2={capY} />
      <text className={classes.capLabel} x={plot.right} y={capY - 5} textAnchor="end">
        cap {cap}
      </text>
      {bars
        .filter((bar) => bar.hasFailed)
        .map((bar) => (
          <FailedMark key={bar.at} bar={bar} y={plot.bottom + 8} />
        ))}
      {times.map(({ x, at, anchor }) => (
        <text key={at} className={classes.label} x={x} y={plot.bottom + 28} textAnchor={anchor}>
          {minuteText(at)}
        </text>
      ))}
      {bars.map((bar) => (
        <rect
          key={bar.at}
          className={classes.slot}
          x={bar.centre - slotWidth / 2}
          y={plot.top}
          width={slotWidth}
          height={plot.bottom - plot.top + 14}
          onPointerEnter={() => onPoint(bar.at)}
        />
      ))}
    </g>
  )
}

const ARM = 3

function FailedMark({ bar: { centre: x }, y }: { bar: Bar; y: number }) {
  return (
    <path
      className={classes.failed}
      data-failed
      d={`M${x - ARM} ${y - ARM} L${x + ARM} ${y + ARM} M${x - ARM} ${y + ARM} L${x + ARM} ${y - ARM}`}
    />
  )
}
