import { readNumber, readOneOf } from '../parts/search-params.ts'

/** The spans of the load chart in minutes, the first by default. */
export const LOAD_SPANS = [60, 15, 180] as const
export const LOST_SPANS = ['day', 'week', 'month'] as const

/** What the address of this page says beside its path. */
export interface NodePageSearch {
  /** The span of the load chart, unless it is an hour. */
  minutes?: number
  /** The load as a table. */
  load?: 'table'
  /** How far back lost tasks are shown, unless it is a day. */
  lost?: (typeof LOST_SPANS)[number]
  /** How many entries of the time line, unless it is the fewest. */
  entries?: number
}

/** Reads it; what cannot be meant is left out. */
export function readNodePageSearch(raw: Record<string, unknown>): NodePageSearch {
  const minutes = readNumber(raw.minutes)
  const span = LOAD_SPANS.find((one) => one === minutes && one !== LOAD_SPANS[0])
  const load = readOneOf(raw.load, ['table'] as const)
  const lost = readOneOf(raw.lost, LOST_SPANS)
  const entries = readNumber(raw.entries, 1)
  return {
    ...(span === undefined ? {} : { minutes: span }),
    ...(load === undefined ? {} : { load }),
    ...(lost === undefined || lost === LOST_SPANS[0] ? {} : { lost }),
    ...(entries === undefined ? {} : { entries: Math.min(entries, 1000) }),
  }
}
