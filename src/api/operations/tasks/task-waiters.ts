import type { Hint } from '../../../database/hints.ts'

/** What changes of a task while somebody follows it, as one text to compare. */
export type TaskStamp = string

interface Waiter {
  taskId: number
  seen: TaskStamp
  wake(): void
}

export interface TaskWaitersOptions {
  /** The present stamps of these tasks, in one statement; of those that are gone there is none. */
  readStamps(taskIds: readonly number[]): Promise<ReadonlyMap<number, TaskStamp>>
  /** Requests that wait at once on this node; one more does not wait but gets its answer at once. */
  maxWaiters?: number
}

const MAX_WAITERS = 1000
/** All waiters together are checked this often, in one statement, whatever hints arrive. */
const CHECK_EVERY_MS = 1000
/** Hints about one task wake its waiters at most this often, so that a chatty script does not make a storm. */
const GATHER_MS = 150
/** Of so many tasks the last hint is remembered. */
const REMEMBERED = 10_000

/** Requests that wait until something happens to a task: woken by hints, and by one shared look at all of them. */
export class TaskWaiters {
  readonly #options: TaskWaitersOptions
  readonly #waiters = new Set<Waiter>()
  readonly #hinted = new Set<number>()
  /** Which of the hints was the last about a task. */
  readonly #lastHints = new Map<number, number>()
  #hintNumber = 0
  #gatherTimer: NodeJS.Timeout | undefined
  #checkTimer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: TaskWaitersOptions) {
    this.#options = options
  }

  get count(): number {
    return this.#waiters.size
  }

  /** Names the present moment: taken before a task is read, so that `wait` knows what came between. */
  now(): number {
    return this.#hintNumber
  }

  /**
   * Resolves when the task is no more as it was `seen`, when a hint about it came after the moment `since`, when `ms` have
   * passed, when the signal fires, or when the node stops. False when it did not wait at all, because enough wait already.
   */
  async wait(taskId: number, seen: TaskStamp, since: number, ms: number, signal: AbortSignal): Promise<boolean> {
    const isFull = this.#waiters.size >= (this.#options.maxWaiters ?? MAX_WAITERS)
    if (ms <= 0 || isFull || this.#closed || signal.aborted) return false
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        this.#waiters.delete(waiter)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      const waiter = { taskId, seen, wake }
      signal.addEventListener('abort', wake)
      this.#waiters.add(waiter)
      if ((this.#lastHints.get(taskId) ?? 0) > since) this.#wakeSoon(taskId)
      this.#checkTimer ??= setTimeout(() => void this.#check(), CHECK_EVERY_MS)
    })
    return true
  }

  /** Takes up a hint: of a task's log or state, by its number or id. */
  hear({ topic, detail }: Hint): void {
    if (topic !== 'log' && topic !== 'task' && topic !== 'cancel') return
    this.#hintNumber += 1
    if (this.#lastHints.size > REMEMBERED) this.#lastHints.clear()
    for (const text of detail.split(',')) {
      const taskId = Number(text.replace(/^ServerTasks-/, ''))
      this.#lastHints.set(taskId, this.#hintNumber)
      if (this.#waiters.size > 0) this.#wakeSoon(taskId)
    }
  }

  /** Lets every waiting request have its answer, and lets none wait any more. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#gatherTimer)
    clearTimeout(this.#checkTimer)
    for (const waiter of [...this.#waiters]) waiter.wake()
  }

  #wakeSoon(taskId: number): void {
    this.#hinted.add(taskId)
    this.#gatherTimer ??= setTimeout(() => this.#wakeHinted(), GATHER_MS)
  }

  #wakeHinted(): void {
    this.#gatherTimer = undefined
    for (const waiter of [...this.#waiters]) if (this.#hinted.has(waiter.taskId)) waiter.wake()
    this.#hinted.clear()
  }

  async #check(): Promise<void> {
    const ids = [...new Set([...this.#waiters].map(({ taskId }) => taskId))]
    const stamps =
      ids.length === 0 ? new Map<number, TaskStamp>() : await this.#options.readStamps(ids).catch(() => undefined)
    for (const waiter of [...this.#waiters]) {
      if (stamps && ids.includes(waiter.taskId) && stamps.get(waiter.taskId) !== waiter.seen) waiter.wake()
    }
    this.#checkTimer =
      this.#closed || this.#waiters.size === 0 ? undefined : setTimeout(() => void this.#check(), CHECK_EVERY_MS)
  }
}
