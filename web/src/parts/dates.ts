const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A duration of at least 0 in its two largest units: `0 s`, `42 s`, `1 min 5 s`, `2 h 3 min`, `4 d 1 h`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return joined([minutes, 'min'], [seconds % 60, 's'])
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return joined([hours, 'h'], [minutes % 60, 'min'])
  return joined([Math.floor(hours / 24), 'd'], [hours % 24, 'h'])
}

function joined(first: [number, string], second: [number, string]): string {
  return second[0] === 0 ? first.join(' ') : `${first.join(' ')} ${second.join(' ')}`
}

/** How far a moment is from now: `just now`, `12 s ago`, `in 3 min`, `2 d ago`, in its largest unit. */
export function agoText(at: number, now: number): string {
  const distance = Math.abs(now - at)
  if (distance < SECOND) return 'just now'
  const text = largestUnit(distance)
  return at <= now ? `${text} ago` : `in ${text}`
}

function largestUnit(ms: number): string {
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`
  return `${Math.floor(ms / DAY)} d`
}

const ABSOLUTE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })
const SHORT = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium' })

/** A moment in the user's zone with the zone's name, for tooltips. */
export function absoluteText(date: string | Date): string {
  return ABSOLUTE.format(new Date(date))
}

/** A moment in the user's zone, short, for cells. */
export function shortDateText(date: string | Date): string {
  return SHORT.format(new Date(date))
}

/** A wire's TimeSpan (`hh:mm:ss`, `d.hh:mm:ss.fff`) in ms; undefined for what is none. */
export function timeSpanMs(text: string): number | undefined {
  const [, days = '0', hours, minutes, seconds] = /^(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(text) ?? []
  if (hours === undefined) return undefined
  return Number(days) * DAY + Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds) * SECOND
}
