import { ApiError, isDisconnected } from '../../api/api-error.ts'
import { createStore } from '../../api/store.ts'
import type { LogLine, LogPage } from '../../api/wire.ts'
import { LogLines, PAGE_LINES } from './log-lines.ts'
import { pause, untilVisible } from './log-waits.ts'

/** Which lines are read: from a number on, or the last ones. `wait` in seconds. */
export interface LogWish {
  from?: number
  take?: number
  tail?: number
  wait?: number
}

export type ReadLog = (wish: LogWish, signal: AbortSignal) => Promise<LogPage>

/** What is known of a log. A new object at each change, also of the lines that are held. */
export interface LogState {
  /** How many lines the log has. */
  total: number
  /** False until the first answer. */
  isLoaded: boolean
  /** The task has ended, and `total` is final. */
  isEnded: boolean
  /** Nobody answers at present; it is tried again. */
  isInterrupted: boolean
  /** What it cannot go on with. */
  failure: Error | undefined
  /** The length of the longest line that was read, in characters. */
  longest: number
}

const WAIT_SECONDS = 20
/** The least time between two answers with news: less is not seen, and a fast script has them at once. */
const NEWS_EVERY_MS = 250
const COUNT_EVERY_MS = 1000
const FILL_AFTER_MS = 40
const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 4000

/**
 * The log of a task as far as somebody looks at it. It knows at any time how many lines there are, and reads those that are
 * shown; a line's number is its place, so that none can be missed or shown twice whichever node answers.
 */
export class LogSource {
  readonly state = createStore<LogState>({
    total: 0,
    isLoaded: false,
    isEnded: false,
    isInterrupted: false,
    failure: undefined,
    longest: 0,
  })
  readonly #read: ReadLog
  readonly #lines = new LogLines()
  readonly #filling = new Map<number, AbortController>()
  #shown = { first: 0, last: -1 }
  #isFollowing = true
  #fillTimer: ReturnType<typeof setTimeout> | undefined
  #stopping: AbortController | undefined

  constructor(read: ReadLog) {
    this.#read = read
  }

  /** The line at that place, counted from 0; undefined while it has not been read. */
  line(index: number): LogLine | undefined {
    return this.#lines.get(index)
  }

  /** Says which lines are looked at: they are read, and kept while they are. */
  show(first: number, last: number): void {
    this.#shown = { first, last }
    this.#fillSoon(FILL_AFTER_MS)
  }

  /** Whether the end of the log is looked at, and new lines are worth reading at once. */
  setFollowing(isFollowing: boolean): void {
    this.#isFollowing = isFollowing
  }

  /** Begins to read; returns how to stop. */
  start(): () => void {
    const stopping = new AbortController()
    this.#stopping = stopping
    void this.#follow(stopping.signal)
    return () => {
      stopping.abort()
      clearTimeout(this.#fillTimer)
      this.#fillTimer = undefined
      for (const filling of this.#filling.values()) filling.abort()
      this.#filling.clear()
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      await untilVisible(signal)
      if (signal.aborted) return
      try {
        const page = await this.#read(this.#nextWish(), signal)
        if (signal.aborted) return
        failures = 0
        this.#take(page, page.IsCompleted)
        if (page.IsCompleted) return
        if (page.Lines.length > 0) await pause(this.#isFollowing ? NEWS_EVERY_MS : COUNT_EVERY_MS, signal)
      } catch (error) {
        if (signal.aborted) return
        if (isFinalRefusal(error)) return this.#change({ failure: error })
        this.#change({ isInterrupted: true, failure: isDisconnected(error) ? undefined : toError(error) })
        await pause(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures), signal)
        failures += 1
      }
    }
  }

  #nextWish(): LogWish {
    const { isLoaded, total } = this.state.get()
    if (!isLoaded) return { tail: PAGE_LINES }
    return { from: total, take: this.#isFollowing ? PAGE_LINES : 1, wait: WAIT_SECONDS }
  }

  #take(page: LogPage, isEnded: boolean): void {
    this.#lines.put(page.Lines, this.#shown)
    const before = this.state.get()
    this.#change({
      total: Math.max(before.total, page.TotalLines),
      isLoaded: true,
      isEnded: before.isEnded || isEnded,
      isInterrupted: false,
      failure: undefined,
      longest: page.Lines.reduce((longest, { Text }) => Math.max(longest, Text.length), before.longest),
    })
    this.#fillSoon(0)
  }

  #change(change: Partial<LogState>): void {
    this.state.set({ ...this.state.get(), ...change })
  }

  #fillSoon(ms: number): void {
    if (this.#fillTimer !== undefined || !this.#stopping || this.#stopping.signal.aborted) return
    this.#fillTimer = setTimeout(() => {
      this.#fillTimer = undefined
      this.#fill()
    }, ms)
  }

  /** Reads what is missing of the shown lines, a page at a time, and gives up what is not looked at any more. */
  #fill(): void {
    const { first } = this.#shown
    const last = Math.min(this.#shown.last, this.state.get().total - 1)
    const firstPage = Math.floor(first / PAGE_LINES)
    const lastPage = Math.floor(last / PAGE_LINES)
    for (const [page, filling] of this.#filling) if (page < firstPage || page > lastPage) filling.abort()
    for (let page = firstPage; page <= lastPage; page += 1) {
      const from = this.#lines.firstMissing(
        Math.max(first, page * PAGE_LINES),
        Math.min(last, (page + 1) * PAGE_LINES - 1),
      )
      if (from !== undefined && !this.#filling.has(page)) void this.#fillPage(page, from)
    }
  }

  async #fillPage(page: number, missing: number): Promise<void> {
    const filling = new AbortController()
    this.#filling.set(page, filling)
    // Whole pages, so that scrolling within them reads nothing; the rest of one whose lines are very long comes after.
    const from = this.#lines.hasAny(page) ? missing : page * PAGE_LINES
    try {
      const answer = await this.#read({ from, take: (page + 1) * PAGE_LINES - from }, filling.signal)
      this.#filling.delete(page)
      if (filling.signal.aborted) return this.#fillSoon(0)
      // Nothing where there were lines: kept no longer.
      if (answer.Lines.length === 0) this.#fillSoon(LONGEST_RETRY_MS)
      else this.#take(answer, false)
    } catch (error) {
      this.#filling.delete(page)
      if (filling.signal.aborted) return this.#fillSoon(0)
      if (isFinalRefusal(error)) return this.#change({ failure: error })
      this.#change({ isInterrupted: isDisconnected(error) })
      this.#fillSoon(1000)
    }
  }
}

function isFinalRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && [400, 401, 403, 404].includes(error.status)
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
