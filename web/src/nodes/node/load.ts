import type { LoadMinute, NodeLoad } from '../../api/wire.ts'

/** What a span of minutes comes to. */
export interface LoadSum {
  peak: number
  started: number
  finished: number
  failed: number
}

export function loadSum(minutes: readonly LoadMinute[]): LoadSum {
  const total = (field: 'Started' | 'Finished' | 'Failed') => minutes.reduce((sum, minute) => sum + minute[field], 0)
  return {
    peak: Math.max(0, ...minutes.map((minute) => minute.Running)),
    started: total('Started'),
    finished: total('Finished'),
    failed: total('Failed'),
  }
}

/** The load in a sentence or two, for those who do not see the chart. */
export function loadSentence({ MaxConcurrentTasks: cap, Minutes }: NodeLoad): string {
  const { peak, started, finished, failed } = loadSum(Minutes)
  if (peak === 0 && finished === 0) return `Nothing ran in the last ${Minutes.length} minutes.`
  return `In the last ${Minutes.length} minutes at most ${peak} ran at the same time, with a task cap of ${cap} now. ${started} started and ${finished} ended, of which ${failed} failed.`
}

export interface Size {
  width: number
  height: number
}

export interface Bar {
  at: string
  x: number
  y: number
  width: number
  height: number
  /** The middle. */
  centre: number
  hasFailed: boolean
  minute: LoadMinute
}

/** Where everything of the chart is drawn, in pixels. */
export interface LoadDrawing {
  plot: { left: number; right: number; top: number; bottom: number }
  bars: Bar[]
  /** Numbers at the left, with lines. */
  levels: { y: number; value: number }[]
  capY: number
  /** Times below; `anchor` keeps the outer ones inside. */
  times: { x: number; at: string; anchor: 'start' | 'middle' | 'end' }[]
  slotWidth: number
}

const LEFT = 28
const RIGHT = 4
const TOP = 18
const BOTTOM = 34
const LEAST_BAR = 1.5

/** Lays the chart out. The highest level is the cap or the peak, whichever is more. */
export function drawLoad(
  { MaxConcurrentTasks: cap, Minutes: minutes }: NodeLoad,
  { width, height }: Size,
): LoadDrawing {
  const plot = {
    left: LEFT,
    right: Math.max(LEFT + 1, width - RIGHT),
    top: TOP,
    bottom: Math.max(TOP + 1, height - BOTTOM),
  }
  const highest = Math.max(1, cap, loadSum(minutes).peak)
  const slotWidth = (plot.right - plot.left) / Math.max(1, minutes.length)
  const gap = Math.min(3, slotWidth * 0.25)
  const yOf = (value: number) => plot.bottom - ((plot.bottom - plot.top) * value) / highest
  return {
    plot,
    slotWidth,
    bars: minutes.map((minute, index) => {
      const x = plot.left + index * slotWidth
      return {
        at: minute.At,
        x: x + gap / 2,
        y: yOf(minute.Running),
        width: Math.max(LEAST_BAR, slotWidth - gap),
        height: plot.bottom - yOf(minute.Running),
        centre: x + slotWidth / 2,
        hasFailed: minute.Failed > 0,
        minute,
      }
    }),
    levels: levelsUpTo(highest).map((value) => ({ value, y: yOf(value) })),
    capY: yOf(cap),
    times: timeMarks(minutes, width).map(({ index, anchor }) => ({
      x: anchor === 'end' ? plot.right : plot.left + index * slotWidth,
      at: minutes[index]?.At ?? '',
      anchor,
    })),
  }
}

/** 0 and round numbers above it, at most five in all. */
export function levelsUpTo(highest: number): number[] {
  const step = STEPS.find((one) => highest / one <= 4) ?? highest
  return Array.from({ length: Math.floor(highest / step) + 1 }, (_, index) => index * step)
}

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500]
const LEAST_BETWEEN_TIMES = 90

function timeMarks(minutes: readonly LoadMinute[], width: number) {
  if (minutes.length === 0) return []
  const parts = Math.max(1, Math.min(4, Math.floor(width / LEAST_BETWEEN_TIMES)))
  const last = minutes.length - 1
  return Array.from({ length: parts + 1 }, (_, part) => ({
    index: Math.round((last * part) / parts),
    anchor: part === 0 ? ('start' as const) : part === parts ? ('end' as const) : ('middle' as const),
  }))
}
