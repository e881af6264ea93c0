import { withinTime } from '../cluster/within-time.ts'
import type { Sql } from '../database/connect.ts'
import { type Clock, SECOND } from '../lib/clock.ts'
import { LeaseLostError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { encodeEntry } from './log-chunk.ts'
import { hasChunk, insertChunk, type NewChunk, notifyLog, readLogEnd, readLogSize } from './log-rows.ts'
import type { AttemptIdentity } from './script/attempt-mark.ts'

/** All nodes are told at most so often that one task's log has grown. */
export const HINT_INTERVAL_MS = 200

const FIRST_BACKOFF_MS = 100
const MAX_BACKOFF_MS = 2 * SECOND
/** Longer than a statement may take on the server: an answer that comes later is lost with its connection. */
const ANSWER_LIMIT_MS = 15 * SECOND

export interface LogStoreDeps {
  readonly sql: Sql
  readonly clock: Clock
  readonly log: Log
}

/** The attempt that writes a log. */
export interface LogOwner extends AttemptIdentity {
  /** Fires when the attempt's incarnation may do nothing more; writing is then given up. */
  readonly ended: AbortSignal
}

/** Writes the chunks of one attempt, one after the other, each until it is committed or refused for good. */
export class LogStore {
  readonly #deps: LogStoreDeps
  readonly #owner: LogOwner
  #next: number | undefined
  #bytes = 0
  #hintedAt = Number.NEGATIVE_INFINITY
  #owesHint = false

  constructor(deps: LogStoreDeps, owner: LogOwner) {
    this.#deps = deps
    this.#owner = owner
  }

  /** What the task's log holds, earlier attempts included, as far as it is known. */
  get bytes(): number {
    return this.#bytes
  }

  /** How long to wait before the hint that is still due; undefined when none is. */
  get hintDueInMs(): number | undefined {
    return this.#owesHint ? Math.max(0, this.#hintedAt + HINT_INTERVAL_MS - this.#deps.clock.monotonicMs()) : undefined
  }

  /**
   * Resolves when the chunk is committed, however long the database is away. Rejects with a LeaseLostError when the attempt
   * may not write any more. What the database can never take (a character its encoding does not have) is replaced by a note.
   */
  async write(chunk: NewChunk, isLast: boolean): Promise<void> {
    let toWrite = chunk
    for (let failures = 0; ; failures += 1) {
      if (this.#owner.ended.aborted) throw this.#refusal()
      try {
        if (await this.#untilEnded(() => this.#tryToWrite(toWrite, isLast))) return
        failures = -1
      } catch (error) {
        if (error instanceof LeaseLostError) throw error
        if (isBadData(error)) toWrite = noteFor(chunk)
        await this.#backOff(error, failures)
      }
    }
  }

  /** Tells all nodes now that the log has grown; a hint that does not go out is not missed for long. */
  async hint(): Promise<void> {
    this.#wasHinted()
    await withinTime(ANSWER_LIMIT_MS, 'no answer', () => notifyLog(this.#deps.sql, this.#owner.taskId)).catch(() => {})
  }

  /** True when the chunk is in the table; false when its number was taken and it has to be tried with another. */
  async #tryToWrite(chunk: NewChunk, isLast: boolean): Promise<boolean> {
    const { sql, clock } = this.#deps
    const first = this.#next ?? (await this.#findStart())
    this.#next = first
    const withHint = isLast || clock.monotonicMs() - this.#hintedAt >= HINT_INTERVAL_MS
    const outcome = await insertChunk(sql, this.#owner, first, chunk, withHint)
    if (outcome === 'refused') throw this.#refusal()
    if (outcome === 'taken' && !(await hasChunk(sql, this.#owner, first, chunk))) {
      this.#next = await readLogEnd(sql, this.#owner.taskId)
      return false
    }
    this.#next = first + chunk.lineCount
    this.#bytes += chunk.byteCount
    if (withHint) this.#wasHinted()
    else this.#owesHint = true
    return true
  }

  /** A first attempt mostly finds an empty log, and is corrected when it does not. */
  async #findStart(): Promise<number> {
    if (this.#owner.attempt <= 1) return 0
    const { bytes, lines } = await readLogSize(this.#deps.sql, this.#owner.taskId)
    this.#bytes = bytes
    return lines
  }

  /** Waits for an answer, but neither longer than one can come nor beyond the end of the incarnation. */
  async #untilEnded<T>(act: () => Promise<T>): Promise<T> {
    const { ended } = this.#owner
    let stop = () => {}
    const end = new Promise<never>((_, reject) => {
      stop = () => reject(this.#refusal())
      ended.addEventListener('abort', stop, { once: true })
    })
    try {
      return await Promise.race([withinTime(ANSWER_LIMIT_MS, 'no answer came from the database', act), end])
    } finally {
      ended.removeEventListener('abort', stop)
    }
  }

  #wasHinted(): void {
    this.#hintedAt = this.#deps.clock.monotonicMs()
    this.#owesHint = false
  }

  async #backOff(error: unknown, failures: number): Promise<void> {
    const { clock, log } = this.#deps
    const waitMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures, 10))
    log[waitMs < MAX_BACKOFF_MS ? 'info' : 'warn']({ err: error, task: this.#owner.taskId, waitMs }, 'a task log waits')
    await clock.sleep(waitMs, this.#owner.ended).catch(() => {})
  }

  #refusal(): LeaseLostError {
    const { taskId, attempt } = this.#owner
    return new LeaseLostError(
      `Attempt ${attempt} of task ${taskId} has ended or belongs to another node, so its output is refused.`,
    )
  }
}

/** SQLSTATE class 22: the data itself is at fault, and would be the next time. */
function isBadData(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('22')
}

function noteFor({ lineCount }: NewChunk): NewChunk {
  const text = `${lineCount} lines of output are missing here: the database's encoding cannot hold them.`
  const content = encodeEntry({ at: Date.now(), stream: 'tako', continued: false, text }, 0)
  return { lineCount: 1, byteCount: Buffer.byteLength(content), content }
}
