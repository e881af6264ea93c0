import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import { withinTime } from '../cluster/within-time.ts'
import type { Sql } from '../database/connect.ts'
import { type Clock, SECOND } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { must } from '../lib/must.ts'
import type { AttemptEnd } from './attempt-end.ts'
import { type EndRow, type ReturnRow, readEnded, type WrittenEnds, writeEnds, writeReturns } from './end-statements.ts'
import { reportLateEnd } from './late-end.ts'

/** An attempt that is over, and what is to be written of it. */
export interface FinishedAttempt {
  id: number
  attempt: number
  end: Exclude<AttemptEnd, { do: 'drop' }>
}

/** `given up`: the incarnation ended before the write was confirmed. */
export type WriteResult = 'written' | 'refused' | 'given up'

/** Writes the ends of attempts, gathered: while one statement is in flight, the next one's ends come together. */
export interface Completions {
  /**
   * Resolves when the end is written or refused, however long the database is away; it is given up only with the
   * incarnation. Never rejects.
   */
  add(finished: FinishedAttempt): Promise<WriteResult>
  /** How many ends are gathered that `carry` would take now. */
  readonly gathered: number
  /**
   * Writes the gathered ends in a statement of the caller's, which is timed and counted as every round trip here. When it
   * rejects they are written alone, and the rejection is passed on.
   */
  carry<T extends { ended: WrittenEnds }>(write: (ends: readonly EndRow[]) => Promise<T>): Promise<T>
  /** Writes what was left to a claim that has not taken it. */
  flush(): void
}

export interface CompletionsDeps {
  sql: Sql
  incarnation: string
  node: string
  clock: Clock
  log: Log
  /** Fires when the incarnation may write nothing more. */
  ended: AbortSignal
  /**
   * Asked when ends have gathered and none is being written: true leaves them to a claim that is about to be sent, and
   * which takes them by `carry`; `flush` follows in any case.
   */
  leaveToClaim(): boolean
  /** Called once for each batch of written tasks. */
  onWritten(ids: readonly number[], freesTag: boolean): void
  /** Runs a round trip to the database, so that it is known how long one has been awaited. */
  roundTrip<T>(act: () => Promise<T>): Promise<T>
}

const BATCH = 500
/** Longer than a statement may take on the server: an answer that comes later is lost with its connection. */
const ANSWER_LIMIT_MS = 15 * SECOND
const FIRST_BACKOFF_MS = 50
const MAX_BACKOFF_MS = 2 * SECOND

interface Waiting extends FinishedAttempt {
  endId: string
  resolve(result: WriteResult): void
}

/** Starts with nothing to write. */
export function createCompletions(deps: CompletionsDeps): Completions {
  // One wait at a time per writer listens on it, and other writers share it, which is no leak
  setMaxListeners(0, deps.ended)
  const waiting: Waiting[] = []
  let isGathering = false
  let isLeftToClaim = false
  let isWriting = false
  async function gather(): Promise<void> {
    isGathering = true
    // What ends in the same turn of the event loop is written together: or the first of a claim's tasks goes alone, its
    // slot is claimed alone, and the batches stay small
    await endOfTurn()
    isGathering = false
    if (isWriting || waiting.length === 0) return
    isLeftToClaim = true
    if (!deps.leaveToClaim()) flush()
  }
  async function writeAll(): Promise<void> {
    isWriting = true
    while (waiting.length > 0) await writeBatch(deps, waiting.splice(0, BATCH))
    isWriting = false
  }
  function flush(): void {
    if (isLeftToClaim && !isWriting) void writeAll()
    isLeftToClaim = false
  }
  function writeAlone(batch: readonly Waiting[]): void {
    waiting.unshift(...batch)
    if (!isWriting) void writeAll()
  }
  return {
    add: (finished) =>
      new Promise((resolve) => {
        waiting.push({ ...finished, endId: randomUUID(), resolve })
        if (!isWriting && !isGathering) void gather()
      }),
    get gathered() {
      return Math.min(BATCH, waiting.filter(isEnd).length)
    },
    async carry(write) {
      const batch = waiting.filter(isEnd).slice(0, BATCH)
      const rest = waiting.filter((item) => !batch.includes(item))
      waiting.splice(0, waiting.length, ...rest)
      isLeftToClaim = rest.length > 0
      try {
        const answer = await untilEnded(deps, () => write(batch.map(toEndRow)))
        // A write that is repeated finds by its id what it has written
        settleEnds(deps, batch, answer.ended).catch(() => writeAlone(batch))
        return answer
      } catch (error) {
        writeAlone(batch)
        throw error
      }
    },
    flush,
  }
}

function isEnd({ end }: Waiting): boolean {
  return end.do === 'end'
}

async function writeBatch(deps: CompletionsDeps, batch: readonly Waiting[]): Promise<void> {
  const ends = batch.filter((item) => item.end.do === 'end')
  const returns = batch.filter((item) => item.end.do === 'return')
  if (ends.length > 0) await writeUntilDone(deps, ends, tryEnds)
  if (returns.length > 0) await writeUntilDone(deps, returns, tryReturns)
}

type Try = (deps: CompletionsDeps, items: readonly Waiting[]) => Promise<void>

/**
 * Repeats the write until it has an answer. Where the statement itself is at fault its items are written one by one, so
 * that one bad end keeps no other from being written; alone, a bad one is written without its words.
 */
async function writeUntilDone(deps: CompletionsDeps, items: readonly Waiting[], tryWrite: Try): Promise<void> {
  let toWrite = items
  for (let failures = 0; !deps.ended.aborted; failures += 1) {
    try {
      return await untilEnded(deps, () => tryWrite(deps, toWrite))
    } catch (error) {
      if (isFaultOfStatement(error)) {
        if (items.length > 1) {
          for (const item of items) await writeUntilDone(deps, [item], tryWrite)
          return
        }
        deps.log.error({ err: error, task: items[0]?.id }, 'the end of an attempt could not be written as it was')
        toWrite = items.map(withoutWords)
      }
      if (!isConflict(error) || failures > 3) await backOff(deps, error, failures)
    }
  }
  for (const item of items) item.resolve('given up')
}

async function tryEnds(deps: CompletionsDeps, items: readonly Waiting[]): Promise<void> {
  await settleEnds(deps, items, await writeEnds(deps.sql, deps.incarnation, items.map(toEndRow)))
}

/** Tells each of a batch what became of it. Rejects as the database does, having told those that were written. */
async function settleEnds(deps: CompletionsDeps, items: readonly Waiting[], written: WrittenEnds): Promise<void> {
  const ids = new Set(written.ids)
  deps.onWritten(written.ids, written.freesTag)
  const unmatched = items.filter(({ id }) => !ids.has(id))
  for (const item of items) if (ids.has(item.id)) item.resolve('written')
  if (unmatched.length === 0) return
  const late = await findLate(deps, unmatched)
  for (const item of unmatched) item.resolve(late.includes(item) ? 'refused' : 'written')
}

/** Of the ends that found nothing to end, those that an earlier try of their own did not write either. */
async function findLate(deps: CompletionsDeps, unmatched: readonly Waiting[]): Promise<Waiting[]> {
  const found = new Map(
    (
      await readEnded(
        deps.sql,
        unmatched.map(({ id }) => id),
      )
    ).map((row) => [row.id, row]),
  )
  const late = unmatched.filter(({ id, endId }) => found.get(id)?.endId !== endId)
  for (const item of late) {
    const wanted = toEndRow(item).state
    const report = reportLateEnd(deps.sql, { ...item, wanted, node: deps.node }, found.get(item.id))
    await report.catch((error: unknown) => deps.log.error({ err: error, task: item.id }, 'a late end was not reported'))
  }
  return late
}

async function tryReturns(deps: CompletionsDeps, items: readonly Waiting[]): Promise<void> {
  const rows = items.map(toReturnRow)
  const written = await writeReturns(deps.sql, deps.incarnation, rows)
  const ids = new Set(written.map(({ id }) => id))
  if (ids.size > 0) deps.onWritten([...ids], true)
  for (const item of items) item.resolve(ids.has(item.id) ? 'written' : 'refused')
}

function toEndRow({ id, attempt, end, endId }: Waiting): EndRow {
  if (end.do !== 'end') throw new Error('an attempt that goes back to the queue does not end its task')
  const { state, stopped, cause, exitCode, hasWarnings } = end
  return { id, attempt, state, stopped, cause, exitCode, hasWarnings, endId }
}

function toReturnRow({ id, attempt, end }: Waiting): ReturnRow {
  if (end.do !== 'return') throw new Error('an attempt that ends its task does not go back to the queue')
  return { id, attempt, outcome: end.outcome, cause: end.cause }
}

function withoutWords(item: Waiting): Waiting {
  const { end } = item
  if (end.do === 'return') return { ...item, end: { ...end, cause: 'It was handed back.' } }
  return { ...item, end: { ...end, cause: undefined, exitCode: undefined } }
}

/** Waits for an answer, but neither longer than one can come nor beyond the end of the incarnation. */
async function untilEnded<T>(deps: CompletionsDeps, act: () => Promise<T>): Promise<T> {
  const timed = () => withinTime(ANSWER_LIMIT_MS, 'no answer came from the database', act)
  const { ended } = deps
  let stop = () => {}
  const end = new Promise<never>((_, reject) => {
    stop = () => reject(must(ended.reason as Error | undefined, 'the incarnation has ended'))
    ended.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([deps.roundTrip(timed), end])
  } finally {
    ended.removeEventListener('abort', stop)
  }
}

async function backOff({ clock, log, ended }: CompletionsDeps, error: unknown, failures: number): Promise<void> {
  const waitMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures, 10))
  if (!ended.aborted) log[waitMs < MAX_BACKOFF_MS ? 'info' : 'warn']({ err: error, waitMs }, 'ends of attempts wait')
  await clock.sleep(waitMs, ended).catch(() => {})
}

/** Deadlock and serialization failure: nothing was written, and the next try may well succeed. */
function isConflict(error: unknown): boolean {
  const code = codeOf(error)
  return code === '40P01' || code === '40001'
}

/** SQLSTATE classes 22 and 23: the values are at fault, and would be the next time. */
function isFaultOfStatement(error: unknown): boolean {
  return /^2[23]/.test(codeOf(error))
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
