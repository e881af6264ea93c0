import { setMaxListeners } from 'node:events'
import type { Incarnation } from '../cluster/incarnation.ts'
import type { Lease } from '../cluster/lease.ts'
import type { Timings } from '../cluster/timings.ts'
import type { Sql } from '../database/connect.ts'
import type { Hint, Hints } from '../database/hints.ts'
import { type Clock, SECOND } from '../lib/clock.ts'
import { messageOf } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { type Loop, startLoop } from '../lib/loop.ts'
import { type AttemptEnd, endOf, runKind, stopMessage } from './attempt-end.ts'
import type { ClaimedTask } from './claim.ts'
import type { AttemptKey } from './claim-session.ts'
import { Claimer } from './claimer.ts'
import { type Completions, createCompletions } from './complete.ts'
import type { KindRegistry, StopReason, TaskOutput } from './kind.ts'
import type { TaskOutputOwner } from './log-writer.ts'
import { createRoundTrips, type RoundTrips } from './round-trips.ts'
import { type AttemptSurroundings, RunningAttempt, START_WITHIN_MS } from './running-attempt.ts'
import { createTaskHints, type TaskHints } from './task-hints.ts'
import { WATCH_MS, watchAttempts } from './watch-attempts.ts'

export interface ExecutorDeps {
  /** The claim session: a set of one (`max: 1`) with `CLAIM_SESSION_SETTINGS`. */
  sql: Sql
  /** For the ends of attempts; two sessions or more, with `CLAIM_SESSION_SETTINGS` too. */
  write: Sql
  /** For kinds that work on the database themselves; by default `write`. */
  work?: Sql
  registry: KindRegistry
  timings: Timings
  incarnation: Incarnation
  lease: Lease
  isLeader: () => boolean
  /** False while the node has a reason of its own to take nothing (an old version, a shared folder that fails). */
  mayClaim?: () => boolean
  createOutput: (attempt: TaskOutputOwner) => TaskOutput
  /** Called for each answer of the database. */
  onRoundTrip?: () => void
  clock: Clock
  log: Log
  hints: Hints
}

/** Runs what this node claims, from the claim to the confirmed end. */
export interface Executor {
  /** Begins to claim. When the signal fires its loops end, and ends that are still unwritten are given up. Called once. */
  start(signal: AbortSignal): void
  /** Looks for work at once. */
  wake(): void
  /** Attempts whose end is not confirmed: what counts against the cap. */
  runningCount(): number
  runningAttempts(): readonly RunningAttempt[]
  /** Claims nothing any more; a claim that is in flight is handed back unstarted. */
  stopClaiming(): void
  /** After `stopClaiming`: resolves when no claim is in flight and what had been claimed and not begun is back in the queue. */
  handBackUnstarted(): Promise<void>
  /** Asks every attempt to stop and waits until all have ended, or until the signal fires. */
  stopAll(reason: StopReason, signal: AbortSignal): Promise<void>
  /** Resolves when nothing runs and every end is confirmed, refused or given up. */
  idle(): Promise<void>
  /** `Clock.monotonicMs()` up to which the database owes no answer: it falls behind while none comes. */
  readonly lastRoundTripMs: number
  /** How long the last answer took. */
  readonly roundTripMs: number
}

/** Behind the hints, which come at once: an idle node asks for work no oftener than it must. */
const POLL_MS = 2 * SECOND
const MAX_BACKOFF_MS = SECOND

/** Makes an executor that does nothing yet. */
export function createExecutor(deps: ExecutorDeps): Executor {
  return new NodeExecutor(deps)
}

class NodeExecutor implements Executor {
  readonly #deps: ExecutorDeps
  readonly #held = new Map<number, RunningAttempt>()
  readonly #roundTrips: RoundTrips
  readonly #claimer: Claimer
  readonly #surroundings: AttemptSurroundings
  readonly #over = new AbortController()
  readonly #completions: Completions
  readonly #taskHints: TaskHints
  readonly #returning = new Set<Promise<void>>()
  #polling: Loop | undefined
  #watching: Loop | undefined
  #pass: Promise<void> | undefined
  #isPassWanted = false
  #mayHaveMore = true
  #isLookingAgain = false
  #isStopped = false
  #idlers: (() => void)[] = []

  constructor(deps: ExecutorDeps) {
    this.#deps = deps
    const { incarnation, clock, log, write, sql, registry, timings } = deps
    setMaxListeners(0, this.#over.signal)
    this.#roundTrips = createRoundTrips(clock, () => deps.onRoundTrip?.())
    this.#taskHints = createTaskHints(write, clock, this.#over.signal)
    const writer = {
      sql: write,
      incarnation: incarnation.id,
      node: incarnation.node,
      clock,
      log,
      ended: this.#over.signal,
    }
    this.#completions = createCompletions({
      ...writer,
      roundTrip: (act) => this.#roundTrips.run(act),
      leaveToClaim: () => this.#leaveToClaim(),
      onWritten: (ids, freesTag) => this.#tell(ids, freesTag),
    })
    this.#surroundings = {
      node: incarnation.node,
      incarnation: incarnation.id,
      sql: deps.work ?? write,
      clock,
      log,
      createOutput: (attempt) => this.#createOutput(attempt),
    }
    this.#claimer = new Claimer({
      sql,
      incarnation,
      kinds: registry.all().map((kind) => kind.name),
      timings,
      clock,
      log,
      roundTrips: this.#roundTrips,
      isLeader: deps.isLeader,
      mayClaim: () => this.#mayClaim(),
      held: () => this.#keys(),
      heldCount: () => this.#held.size,
      ends: this.#completions,
      take: (tasks, sentMs) => this.#take(tasks, sentMs),
      disown: (attempts) => this.#disown(attempts),
    })
  }

  start(signal: AbortSignal): void {
    const { incarnation, clock, log, hints, lease, timings, write } = this.#deps
    onAbort(signal, () => this.#end(signal.reason))
    onAbort(incarnation.ended, () => {
      this.#stopEach('lost', `This start of ${incarnation.node} is over: ${messageOf(incarnation.ended.reason)}`)
      this.#end(incarnation.ended.reason)
    })
    if (this.#over.signal.aborted) return
    const loop = { signal: this.#over.signal, clock, log, maxBackoffMs: MAX_BACKOFF_MS }
    this.#polling = startLoop({ ...loop, name: 'claim', everyMs: POLL_MS }, () => this.#poll())
    const watch = { sql: write, incarnation, lease, timings, clock, roundTrips: this.#roundTrips }
    this.#watching = startLoop({ ...loop, name: 'attempts', everyMs: WATCH_MS }, () => watchAttempts(this.#held, watch))
    onAbort(
      this.#over.signal,
      hints.on((hint) => this.#hear(hint)),
    )
  }

  wake(): void {
    this.#claimer.forget()
    this.#mayHaveMore = true
    this.#request()
  }

  runningCount(): number {
    return this.#held.size
  }

  runningAttempts(): readonly RunningAttempt[] {
    return [...this.#held.values()]
  }

  stopClaiming(): void {
    this.#isStopped = true
  }

  async handBackUnstarted(): Promise<void> {
    await this.#pass?.catch(() => {})
    await Promise.all(this.#returning)
  }

  async stopAll(reason: StopReason, signal: AbortSignal): Promise<void> {
    this.#stopEach(reason, stopMessage(reason, this.#deps.incarnation.node))
    if (signal.aborted) return
    await Promise.race([this.idle(), new Promise<void>((resolve) => onAbort(signal, resolve))])
  }

  async idle(): Promise<void> {
    if (this.#held.size > 0) await new Promise<void>((resolve) => this.#idlers.push(resolve))
  }

  get lastRoundTripMs(): number {
    return this.#roundTrips.lastMs
  }

  get roundTripMs(): number {
    return this.#roundTrips.durationMs
  }

  #end(reason: unknown): void {
    this.#isStopped = true
    this.#over.abort(reason)
  }

  #mayClaim(): boolean {
    return !this.#isStopped && this.#deps.lease.isTrusted() && (this.#deps.mayClaim?.() ?? true)
  }

  #hear({ topic, detail }: Hint): void {
    if (topic === 'queue' || topic === 'node' || topic === 'leadership') this.wake()
    if (topic !== 'cancel' || this.#held.size === 0) return
    const isOurs = detail === '' || detail.split(',').some((id) => this.#held.has(Number(id)))
    if (isOurs) this.#watching?.wake()
  }

  /** The guarantee behind the hints; and where claiming is resumed, with its back-off, after an error. */
  async #poll(): Promise<void> {
    this.#claimer.forget()
    this.#mayHaveMore = true
    this.#isPassWanted = true
    await this.#runPasses()
  }

  /** Starts a pass unless one is under way, which then is followed by another. After an error only the poll starts one. */
  #request(): void {
    this.#isPassWanted = true
    if (!this.#claimer.isReady || this.#pass || !this.#polling) return
    this.#runPasses().catch(() => this.#polling?.wake())
  }

  #runPasses(): Promise<void> {
    this.#pass ??= this.#passes().finally(() => {
      this.#pass = undefined
    })
    return this.#pass
  }

  async #passes(): Promise<void> {
    try {
      while (this.#isPassWanted && !this.#over.signal.aborted) {
        this.#isPassWanted = false
        const { mayHaveMore, lookAgainMs } = await this.#claimer.pass()
        this.#mayHaveMore = mayHaveMore
        if (lookAgainMs !== undefined) void this.#lookAgain(lookAgainMs)
      }
    } finally {
      this.#completions.flush()
    }
  }

  /** Behind a claim that is in flight ends do not wait, however long it takes. */
  #leaveToClaim(): boolean {
    if (this.#pass || !this.#claimer.takesEnds) return false
    this.#request()
    return true
  }

  async #lookAgain(ms: number): Promise<void> {
    if (this.#isLookingAgain) return
    this.#isLookingAgain = true
    await this.#deps.clock.sleep(ms, this.#over.signal).catch(() => {})
    this.#isLookingAgain = false
    this.#request()
  }

  #take(tasks: readonly ClaimedTask[], sentMs: number): void {
    const isTooLate = this.#deps.clock.monotonicMs() - sentMs > START_WITHIN_MS
    const refusal = isTooLate ? 'The answer to its claim came too late to begin.' : this.#refusal()
    for (const task of tasks) {
      const attempt = new RunningAttempt(task, sentMs, this.#surroundings)
      this.#held.set(task.id, attempt)
      if (refusal === undefined) {
        this.#taskHints.add(task.id)
        void this.#run(attempt)
      } else this.#giveBack(attempt, refusal)
    }
  }

  /** Why nothing may begin although it was claimed a moment ago. */
  #refusal(): string | undefined {
    if (this.#isStopped) return 'Its node stopped taking tasks before it began.'
    if (!this.#deps.lease.isTrusted()) return 'Its node could not trust its lease any more before it began.'
    return undefined
  }

  #giveBack(attempt: RunningAttempt, cause: string): void {
    attempt.close()
    const returned = this.#write(attempt, { do: 'return', outcome: 'NotStarted', cause }).finally(() => {
      this.#returning.delete(returned)
    })
    this.#returning.add(returned)
  }

  /** Never rejects: whatever happens, the attempt ends here, and its slot is free again. */
  async #run(attempt: RunningAttempt): Promise<void> {
    const result = await runKind(this.#deps.registry.find(attempt.kind), attempt)
    attempt.close()
    const end = endOf(result, { stop: attempt.stopped, whenLost: attempt.whenLost, timeLimitMs: attempt.timeLimitMs })
    const output = attempt.openedOutput
    if (output) {
      // First the log, then the end: who sees a task ended may read all of its output
      if (attempt.stopped) output.line('tako', attempt.stopped.message)
      await output.end().catch((error: unknown) => {
        this.#deps.log.info({ err: error, task: attempt.taskId }, 'the output of an attempt was not taken to its end')
      })
    }
    await this.#write(attempt, end)
  }

  async #write(attempt: RunningAttempt, end: AttemptEnd): Promise<void> {
    if (end.do !== 'drop') {
      const written = await this.#completions.add({ id: attempt.taskId, attempt: attempt.attempt, end })
      if (written !== 'written')
        this.#deps.log.warn({ task: attempt.taskId, attempt: attempt.attempt }, `the end of an attempt was ${written}`)
    }
    if (this.#held.get(attempt.taskId) === attempt) this.#held.delete(attempt.taskId)
    if (this.#held.size === 0) for (const resolve of this.#idlers.splice(0)) resolve()
    if (this.#mayHaveMore) this.#request()
  }

  #tell(ids: readonly number[], freesTag: boolean): void {
    for (const id of ids) this.#taskHints.add(id)
    if (!freesTag) return
    this.#claimer.forget()
    this.#taskHints.queue()
  }

  #createOutput(attempt: RunningAttempt): TaskOutput {
    const { taskId, attempt: number, incarnation } = attempt
    return this.#deps.createOutput({
      taskId,
      attempt: number,
      incarnation,
      ended: this.#over.signal,
      onRefused: () => attempt.stop('lost', 'The attempt is not this node’s any more: its output was refused.'),
    })
  }

  #keys(): AttemptKey[] {
    return [...this.#held.values()].map(({ taskId, attempt }) => ({ id: taskId, attempt }))
  }

  /** Whose end is being written is left to that write, which may have been the one that took it out of the rows. */
  #disown(attempts: readonly AttemptKey[]): void {
    for (const { id, attempt } of attempts) {
      const held = this.#held.get(id)
      if (held?.attempt === attempt) held.stop('lost', 'The attempt is not this node’s any more.')
    }
  }

  #stopEach(reason: StopReason, message: string): void {
    for (const attempt of this.#held.values()) attempt.stop(reason, message)
  }
}

function onAbort(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act()
  else signal.addEventListener('abort', act, { once: true })
}
