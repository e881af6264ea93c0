import { ApiError } from '../../api/api-error.ts'
import { createStore } from '../../api/store.ts'
import type { LogFindings } from '../../api/wire.ts'
import { pause } from './log-waits.ts'

export interface SearchState {
  /** The places of the lines found so far, counted from 0, in order. */
  found: readonly number[]
  /** The end of the log, as far as it has come, has not been reached. */
  isSearching: boolean
  /** There may be more than are kept. */
  isFull: boolean
  failure: Error | undefined
}

export type SearchLog = (wish: { from: number; take: number }, signal: AbortSignal) => Promise<LogFindings>

const TAKE = 500
const MOST_FOUND = 10_000
const RETRY_MS = 1000

/** Looks through a log from its beginning, and through what is written afterwards as it comes. */
export class LogSearch {
  readonly state = createStore<SearchState>({ found: [], isSearching: true, isFull: false, failure: undefined })
  readonly #search: SearchLog
  #total = 0
  #wake = () => {}

  constructor(search: SearchLog) {
    this.#search = search
  }

  /** Says how many lines the log has by now. */
  setTotal(total: number): void {
    this.#total = total
    this.#wake()
  }

  /** Begins; returns how to stop. */
  start(): () => void {
    const stopping = new AbortController()
    void this.#run(stopping.signal)
    return () => {
      stopping.abort()
      this.#wake()
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let from = 0; !signal.aborted; ) {
      try {
        const page = await this.#search({ from, take: TAKE }, signal)
        if (signal.aborted) return
        from = page.Next
        this.#take(page)
        if (this.state.get().isFull || (page.IsAtEnd && page.IsCompleted)) return
        if (page.IsAtEnd) await this.#untilLonger(from, signal)
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof ApiError && error.status >= 400 && error.status < 500) {
          return this.state.set({ ...this.state.get(), isSearching: false, failure: error })
        }
        await pause(RETRY_MS, signal)
      }
    }
  }

  #take({ Lines, IsAtEnd }: LogFindings): void {
    const found = [...this.state.get().found, ...Lines.map((line) => line.Number)]
    const isFull = found.length >= MOST_FOUND
    this.state.set({ found, isFull, isSearching: !IsAtEnd && !isFull, failure: undefined })
  }

  async #untilLonger(length: number, signal: AbortSignal): Promise<void> {
    await pause(RETRY_MS, signal)
    while (this.#total <= length && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

/** Which of the lines found comes next in a direction, around the ends; undefined without any. */
export function nextFound(count: number, current: number | undefined, step: 1 | -1): number | undefined {
  if (count === 0) return undefined
  if (current === undefined) return step === 1 ? 0 : count - 1
  return (current + step + count) % count
}

/** How far the search is: `3 of 12`, `3 of 12 so far`, `No line yet`, `No line`. */
export function searchText({ found, isSearching, isFull }: SearchState, current: number | undefined): string {
  const count = `${found.length.toLocaleString('en')}${isFull ? '+' : ''}`
  if (found.length === 0) return isSearching ? 'Searching' : 'No line'
  const words =
    current === undefined
      ? `${count} ${found.length === 1 ? 'line' : 'lines'}`
      : `${(current + 1).toLocaleString('en')} of ${count}`
  return isSearching ? `${words} so far` : words
}
