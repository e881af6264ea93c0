import type { LogStream } from './kind.ts'
import { encodeEntry } from './log-chunk.ts'
import type { NewChunk } from './log-rows.ts'

/** A chunk is closed when it holds this many characters. */
export const CHUNK_CHARACTERS = 256 * 1024

/** A closed chunk that waits to be written; `characters` is what it weighs in memory. */
export interface GatheredChunk extends NewChunk {
  readonly characters: number
}

/** Gathers entries to chunks, in order. */
export class LogGatherer {
  readonly #closed: GatheredChunk[] = []
  #parts: string[] = []
  #characters = 0
  #lastAt = 0
  #total = 0

  /** Characters gathered and not yet removed. */
  get characters(): number {
    return this.#total
  }

  get isEmpty(): boolean {
    return this.#total === 0
  }

  add(stream: LogStream, text: string, continued: boolean, at: number): void {
    const entry = encodeEntry({ at, stream, text, continued }, this.#parts.length === 0 ? 0 : this.#lastAt)
    this.#lastAt = at
    this.#parts.push(entry)
    this.#characters += entry.length
    this.#total += entry.length
    if (this.#characters >= CHUNK_CHARACTERS) this.close()
  }

  /** Closes the open chunk, unless it is empty. */
  close(): void {
    if (this.#parts.length === 0) return
    const content = this.#parts.join('')
    const byteCount = Buffer.byteLength(content)
    this.#closed.push({ content, byteCount, lineCount: this.#parts.length, characters: this.#characters })
    this.#parts = []
    this.#characters = 0
  }

  /** The oldest closed chunk, which stays until it is removed. */
  first(): GatheredChunk | undefined {
    return this.#closed[0]
  }

  removeFirst(): void {
    this.#total -= this.#closed.shift()?.characters ?? 0
  }

  clear(): void {
    this.#closed.length = 0
    this.#parts = []
    this.#characters = 0
    this.#total = 0
  }
}
