import { DAY, HOUR, MINUTE, SECOND } from '../lib/clock.ts'
import { formatDuration } from '../lib/duration.ts'

const UNITS: readonly (readonly [number, string])[] = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'm'],
  [SECOND, 's'],
]

/** The biggest unit only: `45s`, `3m`, `2h`, `9d`. */
function roughly(ms: number): string {
  for (const [unit, letter] of UNITS) if (ms >= unit) return `${Math.floor(ms / unit)}${letter}`
  return '0s'
}

/** How long ago an API date was, for a narrow column: `now` below two seconds, `5s ago`, `3m ago`. Empty for null. */
export function timeAgo(date: string | null | undefined, nowMs: number): string {
  if (!date) return ''
  const ms = nowMs - Date.parse(date)
  if (ms < -2 * SECOND) return `in ${roughly(-ms)}`
  return ms < 2 * SECOND ? 'now' : `${roughly(ms)} ago`
}

/** How long it has been since an API date, in two units: `2m 10s`. Empty for null. */
export function timeSince(date: string | null | undefined, nowMs: number): string {
  return date ? formatDuration(Math.max(0, nowMs - Date.parse(date))) : ''
}

/** An API date in the reader's own time zone: `2026-03-01 17:04:05`. */
export function localTime(date: string): string {
  const at = new Date(date)
  const two = (n: number) => String(n).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/** An API date as its local time with the distance from now: `2026-03-01 17:04:05 (3m ago)`. Empty for null. */
export function localTimeAndAgo(date: string | null | undefined, nowMs: number): string {
  return date ? `${localTime(date)} (${timeAgo(date, nowMs)})` : ''
}
