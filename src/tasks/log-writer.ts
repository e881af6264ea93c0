import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Sql } from '../database/connect.ts'
import { LeaseLostError } from '../lib/errors.ts'
import { must } from '../lib/must.ts'
import { cleanText } from '../lib/text.ts'
import type { LogStream, TaskOutput } from './kind.ts'
import { cutPieces, LineCutter } from './line-cutter.ts'
import { LogGatherer } from './log-gatherer.ts'
import { insertBehindLast } from './log-rows.ts'
import { type LogOwner, LogStore, type LogStoreDeps } from './log-store.ts'

/** Output that waits longer than this for more is written. */
const FLUSH_MS = 150
/** With so many characters waiting the writer is full; with half as many it has room again. */
export const FULL_CHARACTERS = 4 * 1024 * 1024
/** Beyond this, lines of a source that does not pause are dropped and counted. */
const MOST_CHARACTERS = 4 * FULL_CHARACTERS
/** What one task's log may hold, over all its attempts. */
export const MAX_LOG_BYTES = 1024 * 1024 * 1024

export interface TaskOutputDeps extends LogStoreDeps {
  /** Milliseconds since 1970, which a line is given; the process's own clock unless a test says otherwise. */
  readonly now?: () => number
  /** `MAX_LOG_BYTES` unless a test says otherwise. */
  readonly maxLogBytes?: number
}

export interface TaskOutputOwner extends LogOwner {
  /** Called once, when the output is lost because this attempt may not write any more: the attempt is not its node's now. */
  readonly onRefused?: (error: LeaseLostError) => void
}

/**
 * Makes the log of one attempt: gathered into chunks, written behind, one chunk at a time, each fenced by the task's row.
 * Costs nothing until the first line. A database that is away is waited for as long as the attempt lives. Once a chunk is
 * refused everything further is dropped and `end()` rejects with a LeaseLostError.
 */
export function createTaskOutput(deps: TaskOutputDeps, owner: TaskOutputOwner): TaskOutput {
  return new BufferedOutput(deps, owner)
}

class BufferedOutput implements TaskOutput {
  readonly #owner: TaskOutputOwner
  readonly #deps: TaskOutputDeps
  readonly #store: LogStore
  readonly #gathered = new LogGatherer()
  readonly #cutters = new Map<LogStream, LineCutter>()
  readonly #waiting: (() => void)[] = []
  #writing: Promise<void> | undefined
  #pause: AbortController | undefined
  #lost: Error | undefined
  #isEnding = false
  #isCut = false
  #dropped = 0

  constructor(deps: TaskOutputDeps, owner: TaskOutputOwner) {
    this.#deps = deps
    this.#owner = owner
    this.#store = new LogStore(deps, owner)
  }

  line(stream: LogStream, text: string): void {
    if (!this.#isEnding) this.#addLines(stream, text)
  }

  bytes(stream: LogStream, chunk: Uint8Array): void {
    if (this.#lost || this.#isCut || this.#isEnding) return
    let cutter = this.#cutters.get(stream)
    if (!cutter) {
      cutter = new LineCutter((piece, continued) => this.#add(stream, piece, continued))
      this.#cutters.set(stream, cutter)
    }
    cutter.push(chunk)
  }

  isFull(): boolean {
    return this.#gathered.characters >= FULL_CHARACTERS
  }

  drained(): Promise<void> {
    if (this.#gathered.characters <= FULL_CHARACTERS / 2) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  async end(): Promise<void> {
    for (const cutter of this.#cutters.values()) cutter.end()
    this.#isEnding = true
    this.#pause?.abort()
    while (this.#writing) await this.#writing
    if (this.#lost) throw this.#lost
  }

  #addLines(stream: LogStream, text: string): void {
    for (const line of cleanText(text).split('\n')) {
      cutPieces(line, (piece, continued) => this.#add(stream, piece, continued))
    }
  }

  #add(stream: LogStream, text: string, continued: boolean): void {
    if (this.#lost) return
    if (stream !== 'tako' && this.#isOverLimit()) {
      this.#cutOff()
      return
    }
    if (this.#gathered.characters >= MOST_CHARACTERS) {
      this.#dropped += 1
      return
    }
    this.#gathered.add(stream, text, continued, (this.#deps.now ?? Date.now)())
    if (!this.#writing) this.#writing = this.#writeAll()
    else if (this.#gathered.first()) this.#pause?.abort()
  }

  #isOverLimit(): boolean {
    return this.#store.bytes + this.#gathered.characters >= (this.#deps.maxLogBytes ?? MAX_LOG_BYTES)
  }

  #cutOff(): void {
    if (this.#isCut) return
    this.#isCut = true
    const limit = this.#deps.maxLogBytes ?? MAX_LOG_BYTES
    const size = limit >= 2 ** 20 ? `${Math.floor(limit / 2 ** 20)} MiB` : `${limit} bytes`
    this.#addLines('tako', `The output is cut off here: a task's log may hold ${size}. The script goes on.`)
  }

  /** Runs while there is something to write; begins again if anything came in the moment of its end. */
  async #writeAll(): Promise<void> {
    // Many attempts share this signal, which is no leak
    setMaxListeners(0, this.#owner.ended)
    try {
      while (await this.#findWork()) await this.#writeOne()
    } catch (error) {
      this.#lose(error instanceof Error ? error : new Error(String(error)))
    }
    this.#writing = this.#gathered.isEmpty ? undefined : this.#writeAll()
  }

  /** False when everything is written and told. */
  async #findWork(): Promise<boolean> {
    while (!this.#gathered.first()) {
      const hintInMs = this.#store.hintDueInMs
      if (!this.#gathered.isEmpty) {
        await this.#sleep(FLUSH_MS)
        this.#gathered.close()
      } else if (hintInMs !== undefined) {
        await this.#sleep(hintInMs)
        if (this.#gathered.isEmpty) await this.#store.hint()
      } else {
        return false
      }
    }
    return true
  }

  async #writeOne(): Promise<void> {
    const chunk = must(this.#gathered.first())
    const isLast = this.#isEnding && chunk.characters === this.#gathered.characters
    await this.#store.write(chunk, isLast)
    if (this.#lost) return
    this.#gathered.removeFirst()
    if (this.#gathered.characters <= FULL_CHARACTERS / 2) this.#letGo()
    if (this.#dropped > 0 && !this.isFull()) {
      const count = this.#dropped
      this.#dropped = 0
      this.#addLines('tako', `${count} lines of output are missing here: the database took none in for too long.`)
    }
  }

  /** Cut short by a full chunk, by the end, and by the loss. */
  async #sleep(ms: number): Promise<void> {
    if (this.#isEnding || this.#lost) return
    this.#pause = new AbortController()
    await this.#deps.clock.sleep(ms, this.#pause.signal).catch(() => {})
    this.#pause = undefined
  }

  #lose(error: Error): void {
    if (this.#lost) return
    this.#lost = error
    this.#gathered.clear()
    this.#pause?.abort()
    this.#letGo()
    if (error instanceof LeaseLostError) this.#owner.onRefused?.(error)
    else this.#deps.log.error({ err: error, task: this.#owner.taskId }, 'a task log was lost')
  }

  #letGo(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

const APPEND_TRIES = 100
const APPEND_PAUSE_MS = 5

/**
 * Appends lines of Tako's own to a task's log, whatever the task's state: that a late write was refused, by whom it was
 * settled. Resolves when committed, or when there is no such task any more; rejects as the database does.
 */
export async function appendSystemLine(sql: Sql, taskId: number, text: string): Promise<void> {
  const gathered = new LogGatherer()
  for (const line of cleanText(text).split('\n'))
    cutPieces(line, (piece, cut) => gathered.add('tako', piece, cut, Date.now()))
  gathered.close()
  const chunk = must(gathered.first())
  for (let tries = 0; tries < APPEND_TRIES; tries += 1) {
    if ((await insertBehindLast(sql, taskId, chunk)) !== 'taken') return
    await delay(APPEND_PAUSE_MS * Math.random())
  }
  throw new Error(`task ${taskId}: a line could not be added to its log, which grows too fast`)
}
