import type { Sql } from '../database/connect.ts'
import type { Clock } from '../lib/clock.ts'
import { decodeChunk, type LogChunk, type LogEntry } from './log-chunk.ts'
import { readLogEnd } from './log-rows.ts'

/** The first statement looks through chunks of so many bytes, since a common text is soon found; each further one of twice as many. */
const FIRST_BYTES = 256 * 1024
const MOST_BYTES = 4 * 1024 * 1024
/** Where chunks are small, one statement looks through so many. */
const CHUNKS_AT_ONCE = 500
/** A search that has taken so long answers with what it has found. */
export const SEARCH_MS = 1500
/** An answer ends before the entry with which its text would grow beyond this. */
const MAX_ANSWER_CHARACTERS = 4 * 1024 * 1024

export interface LogSearch {
  /** What the entries must contain, in upper or lower case; one line, not empty. */
  text: string
  /** The first entry to look at, counted from 0. */
  from: number
  /** At most so many entries are found. */
  take: number
}

export interface LogFindings {
  readonly from: number
  /** Where to go on; what is before it has been looked through. */
  readonly next: number
  /** How many entries the log has. */
  readonly total: number
  readonly entries: readonly LogEntry[]
}

/**
 * Looks through a task's log for a text, from an entry on, for at most about 1.5 s; `next` says how far it came. Chunks
 * that cannot hold the text never leave the database, and what is read is held a few chunks at a time.
 */
export async function searchLog(sql: Sql, taskId: number, search: LogSearch, clock: Clock): Promise<LogFindings> {
  const { text, from, take } = search
  const end = await readLogEnd(sql, taskId)
  const giveUpMs = clock.monotonicMs() + SEARCH_MS
  const pattern = new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'i')
  const part = searchablePart(text)
  const entries: LogEntry[] = []
  let characters = 0
  let next = from
  for (let bytes = FIRST_BYTES; next < end; bytes = Math.min(2 * bytes, MOST_BYTES)) {
    const chunks = await selectCandidates(sql, taskId, { from: next, end, bytes }, part)
    for (const chunk of chunks) {
      for (const entry of chunk.content === null ? [] : decodeChunk({ ...chunk, content: chunk.content })) {
        if (entry.number < next || !pattern.test(entry.text)) continue
        characters += entry.text.length
        if (entries.length > 0 && characters > MAX_ANSWER_CHARACTERS)
          return { from, next: entry.number, total: end, entries }
        entries.push(entry)
        if (entries.length >= take) return { from, next: entry.number + 1, total: end, entries }
      }
      next = chunk.firstLine + chunk.lineCount
    }
    if (chunks.length === 0) next = end
    if (clock.monotonicMs() >= giveUpMs) break
  }
  return { from, next, total: end, entries }
}

/**
 * The longest part of a text that the database can look for exactly as the pattern does: its ASCII letters in any case,
 * other characters only where they have no other case. Empty when there is none.
 */
export function searchablePart(text: string): string {
  const parts = text.split(/[^\0-\x7f\p{Lo}\p{N}\p{P}\p{S}\p{Zs}]+/u).flatMap((part) => splitByCase(part))
  return parts.reduce((longest, part) => (part.length > longest.length ? part : longest), '')
}

/** Letters such as ⓐ are symbols and have a case all the same. */
function splitByCase(text: string): string[] {
  const parts = ['']
  for (const character of text) {
    const isPlain = character <= '\x7f' || character.toLowerCase() === character.toUpperCase()
    if (isPlain) parts.push(`${parts.pop() ?? ''}${character}`)
    else parts.push('')
  }
  return parts
}

/** A chunk, its content only when it may hold what is looked for. */
type Candidate = Omit<LogChunk, 'content'> & { readonly content: string | null; readonly lineCount: number }

/**
 * The next chunks in order, the first of them whatever its size. The collation C compares bytes and lowers ASCII letters
 * alone: the same in every database, and in half the time.
 */
async function selectCandidates(
  sql: Sql,
  taskId: number,
  { from, end, bytes }: { from: number; end: number; bytes: number },
  part: string,
): Promise<Candidate[]> {
  const needle = part.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
  return await sql<Candidate[]>`
    select first_line as "firstLine", line_count as "lineCount", attempt,
      case when ${needle} = '' or strpos(lower(content collate "C"), ${needle} collate "C") > 0 then content end as content
    from (
      select *, sum(byte_count) over (order by first_line) - byte_count as bytes_before from (
        select first_line, line_count, attempt, byte_count, content from task_log
        where task_id = ${taskId} and first_line < ${end} and first_line >= coalesce(
          (select first_line from task_log where task_id = ${taskId} and first_line <= ${from} order by first_line desc limit 1), 0)
        order by first_line limit ${CHUNKS_AT_ONCE}) chunks) measured
    where bytes_before < ${bytes}::bigint
    order by first_line`
}
