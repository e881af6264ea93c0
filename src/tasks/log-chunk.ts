import type { LogStream } from './kind.ts'

/** One line of a task's log, or a piece of a very long one. */
export interface LogEntry {
  /** Counts the entries of the task from 0, over all attempts. */
  readonly number: number
  /** 0 for what was written before the first attempt. */
  readonly attempt: number
  /** Milliseconds since 1970, by the clock of the node that took the line in. */
  readonly at: number
  readonly stream: LogStream
  /** True when the next entry of this stream goes on with the same line. */
  readonly continued: boolean
  /** Without its line end; never holds LF or U+0000. */
  readonly text: string
}

/** A chunk as the table has it. */
export interface LogChunk {
  readonly firstLine: number
  readonly attempt: number
  readonly content: string
}

const LETTERS = { output: 'o', error: 'e', tako: 't' } satisfies Record<LogStream, string>
const STREAMS: Record<string, LogStream> = { o: 'output', e: 'error', t: 'tako' }

/**
 * Writes an entry as one line of a chunk: the stream's letter (a capital when the entry is continued), the milliseconds
 * since the entry before it in base 36 (since 1970 for a chunk's first; nothing for 0), a blank, the text.
 */
export function encodeEntry(entry: Pick<LogEntry, 'at' | 'stream' | 'continued' | 'text'>, previousAt: number): string {
  const letter = LETTERS[entry.stream]
  const passed = entry.at === previousAt ? '' : (entry.at - previousAt).toString(36)
  return `${entry.continued ? letter.toUpperCase() : letter}${passed} ${entry.text}\n`
}

/** Reads a chunk's entries in order. Throws for a content that no writer of ours made. */
export function decodeChunk({ firstLine, attempt, content }: LogChunk): LogEntry[] {
  const lines = content.split('\n')
  lines.pop()
  let at = 0
  return lines.map((line, index) => {
    const blank = line.indexOf(' ')
    const letter = line.charAt(0)
    const stream = STREAMS[letter.toLowerCase()]
    if (stream === undefined || blank < 1) throw new Error(`entry ${firstLine + index} of a task log cannot be read`)
    if (blank > 1) at += Number.parseInt(line.slice(1, blank), 36)
    const continued = letter !== letter.toLowerCase()
    return { number: firstLine + index, attempt, at, stream, continued, text: line.slice(blank + 1) }
  })
}
