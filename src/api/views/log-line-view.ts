import type { LogEntry } from '../../tasks/log-chunk.ts'
import { wireDate } from '../dates.ts'

/** An entry of a task's log as an entry of `Lines`. */
export function lineView({ number, attempt, at, stream, text, continued }: LogEntry) {
  return {
    Number: number,
    Attempt: attempt,
    At: wireDate(new Date(at)),
    Stream: stream,
    Text: text,
    ...(continued ? { IsContinued: true } : {}),
  }
}
