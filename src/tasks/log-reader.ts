import type { Sql } from '../database/connect.ts'
import { decodeChunk, type LogChunk, type LogEntry } from './log-chunk.ts'
import { readLogEnd } from './log-rows.ts'

/** How many entries one answer holds when nobody says, and at most. */
export const DEFAULT_TAKE = 1000
export const MAX_TAKE = 10_000
/** An answer ends before the entry with which its text would grow beyond this. */
const MAX_ANSWER_CHARACTERS = 8 * 1024 * 1024
/** A page mostly lies in one chunk; whoever reads everything takes a few together. */
const CHUNKS_FOR_PAGE = 1
const CHUNKS_FOR_ALL = 4

export interface LogRange {
  /** The first entry wanted, counted from 0; 0 when absent. */
  readonly from?: number
  /** At most so many entries. */
  readonly take?: number
  /** The last so many entries, instead of `from`. */
  readonly tail?: number
}

export interface LogPage {
  readonly from: number
  /** Where the next page begins. */
  readonly next: number
  /** How many entries the log has. */
  readonly total: number
  readonly entries: readonly LogEntry[]
}

/**
 * Reads part of a task's log, whether the task runs or has ended. May hold fewer entries than asked for although there are
 * more, when they are long: `next` says where to go on. Finds any place in a long log by the index, and reads no more.
 */
export async function readLog(sql: Sql, taskId: number, { from = 0, take, tail }: LogRange = {}): Promise<LogPage> {
  const end = await readLogEnd(sql, taskId)
  const wanted = Math.min(MAX_TAKE, Math.max(0, take ?? tail ?? DEFAULT_TAKE))
  const start = tail === undefined ? Math.max(0, from) : Math.max(0, end - Math.min(tail, MAX_TAKE))
  const entries: LogEntry[] = []
  let characters = 0
  for await (const chunk of readChunks(sql, taskId, { start, end, atOnce: CHUNKS_FOR_PAGE })) {
    for (const entry of decodeChunk(chunk)) {
      if (entry.number < start) continue
      characters += entry.text.length
      const isFull = entries.length > 0 && characters > MAX_ANSWER_CHARACTERS
      if (entries.length >= wanted || isFull) return { from: start, next: start + entries.length, total: end, entries }
      entries.push(entry)
    }
  }
  return { from: start, next: start + entries.length, total: end, entries }
}

/**
 * The whole log as text, a few chunks at a time, up to what it holds when the reading begins. Pieces of a long line are
 * joined again; where a line of another stream came between them, they stand on lines of their own.
 */
export async function* streamRawLog(sql: Sql, taskId: number): AsyncGenerator<string> {
  const end = await readLogEnd(sql, taskId)
  let open: LogEntry | undefined
  for await (const chunk of readChunks(sql, taskId, { start: 0, end, atOnce: CHUNKS_FOR_ALL })) {
    let text = ''
    for (const entry of decodeChunk(chunk)) {
      const goesOn = open !== undefined && open.stream === entry.stream && open.attempt === entry.attempt
      if (open && !goesOn) text += '\n'
      text += entry.continued ? entry.text : `${entry.text}\n`
      open = entry.continued ? entry : undefined
    }
    yield text
  }
  if (open) yield '\n'
}

interface ChunkRange {
  /** The first entry that is wanted. */
  readonly start: number
  /** The first that is not wanted any more. */
  readonly end: number
  readonly atOnce: number
}

/** The chunks that hold these entries, in order. */
async function* readChunks(sql: Sql, taskId: number, range: ChunkRange): AsyncGenerator<LogChunk> {
  let start = range.start
  while (start < range.end) {
    const rows = await selectChunks(sql, taskId, { ...range, start })
    for (const row of rows) {
      yield row
      start = row.firstLine + row.lineCount
    }
    if (rows.length === 0) return
  }
}

type ChunkRow = LogChunk & { readonly lineCount: number }

/** The chunk that holds an entry is the last one that begins at or before it. */
async function selectChunks(sql: Sql, taskId: number, { start, end, atOnce }: ChunkRange): Promise<ChunkRow[]> {
  return await sql<ChunkRow[]>`
    select first_line as "firstLine", line_count as "lineCount", attempt, content from task_log
    where task_id = ${taskId} and first_line < ${end} and first_line >= coalesce(
      (select first_line from task_log where task_id = ${taskId} and first_line <= ${start} order by first_line desc limit 1), 0)
    order by first_line
    limit ${atOnce}`
}
