import { readNumber, readOneOf, readText } from '../parts/search-params.ts'

/** How the lines of a log show when they were written; absent for not at all. */
export type LogTimes = 'absolute' | 'relative'

/** What the address of this page says beside its path. */
export interface TaskPageSearch {
  /** The line of the log that is shown and marked, counted from 1. */
  line?: number
  /** What is looked for in the log. */
  find?: string
  times?: LogTimes
}

/** Reads it; what cannot be meant is left out. */
export function readTaskPageSearch(raw: Record<string, unknown>): TaskPageSearch {
  const line = readNumber(raw.line, 1)
  const find = readText(raw.find)
  const times = readOneOf<LogTimes>(raw.times, ['absolute', 'relative'])
  return {
    ...(line === undefined ? {} : { line }),
    ...(find === undefined ? {} : { find }),
    ...(times === undefined ? {} : { times }),
  }
}
