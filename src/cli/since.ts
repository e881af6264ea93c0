import { InvalidArgumentError } from 'commander'
import { DAY } from '../lib/clock.ts'
import { readMoment } from './when.ts'

/** A moment in the past as people name one: so long ago, or a date. */
export type PastMoment = { readonly agoMs: number } | { readonly at: Date }

/** Reads `30m` and `2h` as so long ago, `17:00` as the last one, and dates as they are. Undefined when it is none. */
export function readPastMoment(text: string, now: Date): PastMoment | undefined {
  const moment = readMoment(text, now)
  if (!moment) return undefined
  if ('afterMs' in moment) return { agoMs: moment.afterMs }
  const isTimeOfDay = /^\s*\d{1,2}:\d{2}\s*$/.test(text)
  return { at: isTimeOfDay ? new Date(moment.at.getTime() - DAY) : moment.at }
}

/** An option that names a moment in the past. */
export function sinceOption(text: string): PastMoment {
  const moment = readPastMoment(text, new Date())
  if (!moment)
    throw new InvalidArgumentError('Write how long ago, such as 30m or 2h, or a date such as 2026-03-01T17:00Z.')
  return moment
}

/** The moment as the API reads it, counted from the server's present. */
export function sinceForApi(moment: PastMoment, nowMs: number): string {
  return ('at' in moment ? moment.at : new Date(nowMs - moment.agoMs)).toISOString()
}
