import type { WhenLost } from '../cluster/timings.ts'
import type { Sql } from '../database/connect.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'

/** The states of a task, spelled as the wire format spells them. */
export type TaskState = 'Queued' | 'Executing' | 'Cancelling' | 'Success' | 'Failed' | 'Canceled' | 'TimedOut'
export type FinalState = 'Success' | 'Failed' | 'Canceled' | 'TimedOut'

/** How an attempt ended by itself. A `Canceled` is only right for an attempt that was asked to stop and did. */
export interface Outcome {
  state: FinalState
  /** A sentence for the operator: why it failed, or what it did. Absent for a plain success. */
  cause?: string
  exitCode?: number
  hasWarnings?: boolean
}

/** Where a line of a task's log came from: the script's output, its standard error, or Tako itself. */
export type LogStream = 'output' | 'error' | 'tako'

/** Why an attempt is asked to stop. `cancel`: by a person; the others: the node cannot go on with it. */
export type StopReason = 'cancel' | 'time limit' | 'node stopping' | 'lease ending' | 'lost' | 'drain deadline'

/** One execution of a task, as its kind sees it. */
export interface AttemptContext<Arguments = unknown> {
  readonly taskId: number
  readonly attempt: number
  readonly node: string
  readonly incarnation: string
  readonly arguments: Arguments
  readonly timeLimitMs: number | undefined
  /** Fires when the attempt has to stop; `signal.reason` is an `AttemptStop`. The kind then ends within the grace. */
  readonly signal: AbortSignal
  /** No process of this attempt may begin after this moment of `clock.monotonicMs()`: 1 s after its claim was sent. */
  readonly startBeforeMs: number
  readonly output: TaskOutput
  readonly sql: Sql
  readonly clock: Clock
  readonly log: Log
}

/** The reason of an attempt's abort signal. */
export class AttemptStop extends Error {
  override name = 'AttemptStop'
  readonly reason: StopReason
  constructor(reason: StopReason, message: string) {
    super(message)
    this.reason = reason
  }
}

/** Thrown by a kind whose claim is too old to begin: the attempt goes back to the queue as never started. */
export class NotStartedError extends Error {
  override name = 'NotStartedError'
}

/** A task's log as its attempt writes it: bounded in memory, gathered into chunks, written behind. */
export interface TaskOutput {
  /** Appends whole lines; each gets the time of this call. */
  line(stream: LogStream, text: string): void
  /** Appends raw bytes of a stream, which is cut into lines here; invalid UTF-8 becomes U+FFFD. */
  bytes(stream: LogStream, chunk: Uint8Array): void
  /** True when the writer is full: the source should pause until `drained()` resolves. */
  isFull(): boolean
  drained(): Promise<void>
  /** Writes everything out; resolves when it is committed, rejects when this attempt may not write any more. */
  end(): Promise<void>
}

/** A type of task: what may be asked, where it may run, what happens when its node is lost, and how it runs. */
export interface Kind<Arguments = unknown> {
  /** The wire format's `Name` of the task, such as `AdHocScript`. */
  readonly name: string
  /** One line for lists of task types. */
  readonly title: string
  readonly scope: 'space' | 'system'
  readonly runsOn: 'any node' | 'leader'
  readonly whenLost: WhenLost
  /** The permission that creating one by hand needs; absent: only the system creates it. */
  readonly createPermission?: 'TaskCreate' | 'AdministerSystem'
  /** Reads the request's `Arguments` (names in any case, nulls as absent). Throws a `Refusal` with code BadRequest. The result must be JSON. */
  parse(input: Readonly<Record<string, unknown>>): Arguments
  /** The task's description when the request brings none. */
  describe(input: Arguments): string
  /** At most one unfinished attempt in the cluster holds a tag. A leader-only kind is its own tag. */
  tag?(input: Arguments): string | undefined
  run(context: AttemptContext<Arguments>): Promise<Outcome>
}

/** The kinds a node knows, by lower-case name: handed to the node when it is put together. */
export class KindRegistry {
  readonly #kinds = new Map<string, Kind>()

  constructor(kinds: readonly Kind[]) {
    for (const kind of kinds) this.#kinds.set(kind.name.toLowerCase(), kind)
  }

  /** The kind of that name in any case, or undefined. */
  find(name: string): Kind | undefined {
    return this.#kinds.get(name.toLowerCase())
  }

  all(): readonly Kind[] {
    return [...this.#kinds.values()]
  }
}

/** The concurrency tag of a task of this kind. */
export function tagOf(kind: Kind, input: unknown): string | undefined {
  return kind.runsOn === 'leader' ? kind.name : kind.tag?.(input)
}
