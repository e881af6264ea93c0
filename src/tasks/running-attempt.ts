import type { WhenLost } from '../cluster/timings.ts'
import type { Sql } from '../database/connect.ts'
import { type Clock, SECOND } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { ClaimedTask } from './claim.ts'
import { type AttemptContext, AttemptStop, type StopReason, type TaskOutput } from './kind.ts'

/** An answer older than this, counted from before the claim was sent, begins nothing, nor does anything begin later than this. */
export const START_WITHIN_MS = SECOND

/** A timer of Node cannot be set for longer (24.8 days); what is limited to more is not limited by it. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** What all attempts of a node share. */
export interface AttemptSurroundings {
  node: string
  incarnation: string
  sql: Sql
  clock: Clock
  log: Log
  createOutput(attempt: RunningAttempt): TaskOutput
}

/**
 * An attempt that this node holds, from its claim until its end is confirmed, and what its kind sees of it. Signal, timer
 * and output are made when they are first needed, since most attempts of short tasks need none.
 */
export class RunningAttempt implements AttemptContext {
  readonly taskId: number
  readonly attempt: number
  readonly kind: string
  readonly arguments: unknown
  readonly timeLimitMs: number | undefined
  readonly whenLost: WhenLost
  readonly taskLeaseMs: number
  readonly startBeforeMs: number
  readonly #surroundings: AttemptSurroundings
  #controller: AbortController | undefined
  #stop: AttemptStop | undefined
  #output: TaskOutput | undefined
  #timer: NodeJS.Timeout | undefined
  #isOver = false

  constructor(task: ClaimedTask, claimSentMs: number, surroundings: AttemptSurroundings) {
    this.taskId = task.id
    this.attempt = task.attempt
    this.kind = task.kind
    this.arguments = task.arguments
    this.timeLimitMs = task.timeLimitMs ?? undefined
    this.whenLost = task.whenLost
    this.taskLeaseMs = task.taskLeaseMs
    this.startBeforeMs = claimSentMs + START_WITHIN_MS
    this.#surroundings = surroundings
    if (this.timeLimitMs !== undefined && this.timeLimitMs <= LONGEST_TIMER_MS) {
      this.#timer = setTimeout(() => this.stop('time limit', 'Its time limit has run out.'), this.timeLimitMs)
    }
  }

  get node(): string {
    return this.#surroundings.node
  }

  get incarnation(): string {
    return this.#surroundings.incarnation
  }

  get sql(): Sql {
    return this.#surroundings.sql
  }

  get clock(): Clock {
    return this.#surroundings.clock
  }

  get log(): Log {
    return this.#surroundings.log
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#stop && !this.#controller.signal.aborted) this.#controller.abort(this.#stop)
    return this.#controller.signal
  }

  get output(): TaskOutput {
    this.#output ??= this.#surroundings.createOutput(this)
    return this.#output
  }

  /** The output, if the kind ever asked for it. */
  get openedOutput(): TaskOutput | undefined {
    return this.#output
  }

  /** Why it was asked to stop, if it was. */
  get stopped(): AttemptStop | undefined {
    return this.#stop
  }

  /** True when its kind has returned: what is left is to write the end. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Asks it to stop. The first reason stays, since what is done about it has begun. */
  stop(reason: StopReason, message: string): void {
    if (this.#stop || this.#isOver) return
    this.#stop = new AttemptStop(reason, message)
    this.#controller?.abort(this.#stop)
  }

  /** Its kind has returned, or it never began. */
  close(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
  }
}
