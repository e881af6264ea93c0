import { z } from 'zod'
import { DAY } from '../lib/clock.ts'
import { parseDuration, parseTimeSpan } from '../lib/duration.ts'
import { hasControlCharacters } from '../lib/text.ts'

/** More entries than this in a list parameter are refused. */
const MOST_ENTRIES = 10_000

/** A list as clients write it in a query: `ids=A,B` as well as `ids=A&ids=B`. Nothing between the commas is nothing; an empty list is undefined. */
export function commaList() {
  return z
    .array(z.string())
    .max(MOST_ENTRIES)
    .optional()
    .transform((parts) => {
      const entries = (parts ?? []).flatMap((part) => part.split(',')).map((part) => part.trim())
      const list = [...new Set(entries.filter((entry) => entry !== ''))]
      return list.length === 0 ? undefined : list
    })
    .meta({ description: 'Several, separated by commas, or the parameter repeated.' })
}

const ISO_DATE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/i

/** Reads a date in ISO 8601, of the years 2000 to 2200; without an offset it is UTC. Undefined when it is none. */
function parseIsoDate(text: string): Date | undefined {
  const trimmed = text.trim()
  if (!ISO_DATE.test(trimmed)) return undefined
  const withTime = trimmed.length === 10 ? `${trimmed}T00:00:00Z` : trimmed.replace(' ', 'T')
  const date = new Date(/(?:Z|[+-]\d{2}:?\d{2})$/i.test(withTime.slice(10)) ? withTime : `${withTime}Z`)
  const year = date.getUTCFullYear()
  const dayIsReal = new Date(`${trimmed.slice(0, 10)}T00:00:00Z`).getUTCDate() === Number(trimmed.slice(8, 10))
  return Number.isNaN(year) || year < 2000 || year > 2200 || !dayIsReal ? undefined : date
}

const DATE_EXPECTED = 'must be a date such as 2024-08-21T16:17:46.750+00:00, of the years 2000 to 2200.'

/** A date; comes out as a Date. */
export function isoDate() {
  return z
    .string()
    .transform((text, check) => parseIsoDate(text) ?? fault(check, DATE_EXPECTED))
    .meta({ format: 'date-time' })
}

/** No duration is longer than this. */
const LONGEST_MS = 3650 * DAY

function readDuration(value: string | number): number | undefined {
  const ms = typeof value === 'number' ? Math.round(value * 1000) : (parseTimeSpan(value) ?? parseDuration(value))
  return ms !== undefined && ms >= 0 && ms <= LONGEST_MS ? ms : undefined
}

const DURATION_EXPECTED =
  'must be a duration such as 00:01:30, 90s or 1m30s, or a number of seconds, and at most ten years.'

/** A duration: a TimeSpan `[d.]hh:mm:ss`, `1m30s`, or a number of seconds; comes out in milliseconds. */
export function duration() {
  return z
    .union([z.string(), z.number()])
    .transform((value, check) => readDuration(value) ?? fault(check, DURATION_EXPECTED))
    .meta({ description: 'A TimeSpan such as 00:01:30, or 90s, 1m30s, or a number of seconds.' })
}

/** A moment: a date, or a duration from now, which comes out in milliseconds to be added to the database's clock. */
export type Moment = { at: Date } | { afterMs: number }

/** A date, or a duration from now. */
export function moment() {
  return z
    .union([z.string(), z.number()])
    .transform((value, check): Moment => {
      const at = typeof value === 'string' ? parseIsoDate(value) : undefined
      if (at) return { at }
      const afterMs = readDuration(value)
      return afterMs === undefined
        ? fault(
            check,
            'must be a date such as 2024-08-21T16:17:46.750+00:00, or a duration from now such as 30m or 00:30:00.',
          )
        : { afterMs }
    })
    .meta({ description: 'A date, or a duration from now.' })
}

/** A text for people in one line, such as a name or a reason: without control characters, cut free of spaces around it. */
export function lineOfText(longest: number, shortest = 0) {
  return z
    .string()
    .refine((text) => !hasControlCharacters(text), 'must not hold control characters such as line breaks or tabs.')
    .transform((text) => text.trim())
    .pipe(z.string().min(shortest).max(longest))
}

/** The largest number clients send for «all»: 2^31 - 1. */
const ALL = 2_147_483_647

/** However many are asked for, a page holds at most this many; `Page.Next` leads on. */
export const MOST_ITEMS = 100_000

/** The query parameters `skip` and `take`, to be spread into a query's schema. */
export const paging = {
  skip: z.int().min(0).max(ALL).default(0).meta({ description: 'How many to pass over.' }),
  take: z
    .int()
    .min(0)
    .max(ALL)
    .default(30)
    .transform((take) => Math.min(take, MOST_ITEMS))
    .meta({
      description: `How many at most; of more than ${MOST_ITEMS} the first ${MOST_ITEMS}, and Page.Next leads on.`,
    }),
}

function fault(check: { issues: unknown[]; value: unknown }, message: string): never {
  check.issues.push({ code: 'custom', message, input: check.value })
  return z.NEVER
}
