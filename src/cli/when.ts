import { InvalidArgumentError } from 'commander'
import { DAY } from '../lib/clock.ts'
import { parseDuration, parseTimeSpan } from '../lib/duration.ts'

const DATE = /^\d{4}-\d{2}-\d{2}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i
const TIME_OF_DAY = /^(\d{1,2}):(\d{2})$/

/** A moment as people name one: a while from now, or a date. */
export type Moment = { readonly afterMs: number } | { readonly at: Date }

/** Reads `30m`, `1h30m`, `2026-03-01T17:00Z`, `2026-03-01 17:00` (local time) or `17:00` (the next one). Undefined when it is none. */
export function readMoment(text: string, now: Date): Moment | undefined {
  const trimmed = text.trim()
  const afterMs = parseDuration(trimmed)
  if (afterMs !== undefined) return { afterMs }
  const clock = TIME_OF_DAY.exec(trimmed)
  if (clock) return nextTimeOfDay(Number(clock[1]), Number(clock[2]), now)
  if (!DATE.test(trimmed)) return undefined
  // Without a time, the date alone would be read as UTC; people mean their own midnight.
  const at = new Date(trimmed.length === 10 ? `${trimmed}T00:00` : trimmed.replace(' ', 'T').replace(/\s+/g, ''))
  return Number.isNaN(at.getTime()) ? undefined : { at }
}

function nextTimeOfDay(hours: number, minutes: number, now: Date): Moment | undefined {
  if (hours > 23 || minutes > 59) return undefined
  const at = new Date(now)
  at.setHours(hours, minutes, 0, 0)
  return { at: at > now ? at : new Date(at.getTime() + DAY) }
}

/** An option that names a moment. */
export function momentOption(text: string): Moment {
  const moment = readMoment(text, new Date())
  if (!moment)
    throw new InvalidArgumentError('Write a duration such as 30m or 2h, or a date such as 2026-03-01T17:00Z.')
  return moment
}

/** An option that names a duration, in milliseconds. */
export function durationOption(text: string): number {
  const ms = parseDuration(text) ?? parseTimeSpan(text)
  if (ms === undefined) throw new InvalidArgumentError('Write a duration such as 90s, 30m or 1h30m.')
  return ms
}

/** The moment as the API reads it. A duration stays one, so that the server's clock decides and not this machine's. */
export function momentForApi(moment: Moment): string {
  return 'at' in moment ? moment.at.toISOString() : durationForApi(moment.afterMs)
}

/** A duration as the API reads it. */
export function durationForApi(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`
}

/** The moment as a date, for the fields of the API that take only dates. */
export function momentAsDate(moment: Moment, now: Date): Date {
  return 'at' in moment ? moment.at : new Date(now.getTime() + moment.afterMs)
}
