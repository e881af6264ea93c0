import type { LogTimes } from '../task-page-search.ts'

const CLOCK = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
})

/** When a line was written, in the user's zone or since its attempt began, to the millisecond and in even width. */
export function lineTime(at: string, times: LogTimes, startMs: number | undefined): string {
  if (times === 'absolute') return CLOCK.format(new Date(at))
  return startMs === undefined ? '' : sinceText(Date.parse(at) - startMs)
}

/** `+0:05.250`, `+1:02:05.250`; what was written a moment before the start counts as 0. */
export function sinceText(ms: number): string {
  const whole = Math.max(0, Math.floor(ms))
  const seconds = ((whole % 60_000) / 1000).toFixed(3).padStart(6, '0')
  const minutes = Math.floor(whole / 60_000) % 60
  const hours = Math.floor(whole / 3_600_000)
  return hours === 0 ? `+${minutes}:${seconds}` : `+${hours}:${String(minutes).padStart(2, '0')}:${seconds}`
}
