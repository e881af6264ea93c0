import { Worker } from 'node:worker_threads'
import type { Clock } from '../lib/clock.ts'
import { LeaseLostError, messageOf } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import type { Fitness } from './fitness.ts'
import { HeartMemory } from './heart-memory.ts'
import type { HeartInput, HeartMessage, HeartRequest } from './heart-messages.ts'
import type { Lease } from './lease.ts'
import { leaseFilePath, prepareLeaseFolder } from './lease-file.ts'
import { defaultStallLimits, type StallLimits } from './stall-watch.ts'
import type { Timings } from './timings.ts'
import { withinTime } from './within-time.ts'

/** What a node says of itself with each beat. */
export interface Vitals {
  /** It takes tasks; when false, the fitness's warnings say why. */
  canClaim: boolean
  fitness: Fitness
}

/** An accepted beat. */
export interface BeatReport {
  beat: number
  /** `Clock.monotonicMs()` when it was sent. */
  sentMs: number
  roundTripMs: number
  /** This machine's wall clock minus the database's. */
  clockDifferenceMs: number
  /** The database server's timeline: to be handed to the next heart of this process. */
  timeline: number
  /** False while an older session of this heart still holds the presence lock. */
  isPresenceHeld: boolean
}

export interface HeartOptions {
  databaseUrl: string
  node: string
  /** The incarnation's uuid and the key of its presence lock, as registered. */
  incarnation: string
  presenceKey: string
  timings: Pick<Timings, 'heartbeatIntervalMs' | 'leaseDurationMs'>
  /** Folder for the lease file, on a local disk. */
  leaseFolder: string
  /** The highest timeline this process has seen; 0 when it has seen none. */
  lowestTimeline?: number
  stallLimits?: StallLimits
  logLevel: string
  clock: Clock
  log: Log
  /** Gives up waiting for the first beat. */
  signal?: AbortSignal
}

/**
 * The heart of one incarnation: it beats in a thread of its own, on a database session of its own, so that no amount of
 * work starves it. If for 5 s the main thread has not turned, or has completed no database round trip while the heart's
 * succeed, the node claims nothing; after 30 s the heart kills the process with SIGKILL, the only way to end one whose
 * main thread does not answer (a supervisor sees the signal; the guards of attempts see their pipes close).
 */
export interface Heart extends Lease {
  /** Tells of each accepted beat; returns what takes the listener off again. */
  onBeat(listener: (beat: BeatReport) => void): () => void
  /** Tells once when the incarnation is over: marked, deleted, or its heart failed. At once if it is over already. */
  onEnd(listener: (reason: Error) => void): () => void
  /** What the next beats say; a change of `canClaim` is said at once. */
  say(vitals: Vitals): void
  /** To be called whenever the main thread has completed a round trip to the database, at least each second until goodbye. */
  countRoundTrip(): void
  /** Stopped in order: the last beat says so, and the lease ends. Rejects when the database did not take it in time. */
  goodbye(): Promise<void>
  /** Stops beating, without a word to the others. */
  stop(): Promise<void>
}

const TURN_INTERVAL_MS = 500
const STOP_WITHIN_MS = 5000

/** Starts the heart; resolves when its first beat was accepted, rejects when it never can be. */
export async function startHeart(options: HeartOptions): Promise<Heart> {
  options.signal?.throwIfAborted()
  prepareLeaseFolder(options.leaseFolder, Date.now())
  const heart = new ThreadHeart(options)
  try {
    await heart.firstBeat(options.signal)
    return heart
  } catch (error) {
    await heart.stop()
    throw error
  }
}

class ThreadHeart implements Heart {
  readonly leaseFile: string
  readonly #memory = new HeartMemory()
  readonly #clock: Clock
  readonly #worker: Worker
  readonly #turns: NodeJS.Timeout
  readonly #beatListeners = new Set<(beat: BeatReport) => void>()
  readonly #endListeners = new Set<(reason: Error) => void>()
  readonly #answers = new Map<HeartRequest['ask'], { resolve(): void; reject(error: Error): void }>()
  readonly #exited: Promise<void>
  #end: Error | undefined
  #isStopping = false

  constructor(options: HeartOptions) {
    this.#clock = options.clock
    this.leaseFile = leaseFilePath(options.leaseFolder, options.incarnation)
    this.#worker = new Worker(workerFile(), {
      workerData: workerInput(options, this.leaseFile, this.#memory),
      name: 'tako heart',
    })
    this.#exited = new Promise((resolve) => this.#worker.once('exit', () => resolve()))
    this.#worker.on('message', (message: HeartMessage) => this.#receive(message))
    this.#worker.on('error', (error) =>
      this.#over(new LeaseLostError(`The heart of this node failed: ${messageOf(error)}`)),
    )
    void this.#exited.then(() => this.#over(new LeaseLostError('The heart of this node has stopped.')))
    this.#turns = setInterval(() => this.#memory.countTurn(), TURN_INTERVAL_MS)
    this.#turns.unref()
  }

  isTrusted(): boolean {
    return this.#end === undefined && this.#memory.isTrusted(this.#clock.monotonicMs())
  }

  lastBeatSentMs(): number {
    return this.#memory.lastSentMs()
  }

  onBeat(listener: (beat: BeatReport) => void): () => void {
    this.#beatListeners.add(listener)
    return () => this.#beatListeners.delete(listener)
  }

  onEnd(listener: (reason: Error) => void): () => void {
    if (this.#end) listener(this.#end)
    else this.#endListeners.add(listener)
    return () => this.#endListeners.delete(listener)
  }

  say(vitals: Vitals): void {
    this.#worker.postMessage({ ask: 'say', vitals } satisfies HeartRequest)
  }

  countRoundTrip(): void {
    this.#memory.countRoundTrip()
  }

  async goodbye(): Promise<void> {
    this.#isStopping = true
    await this.#ask({ ask: 'goodbye' })
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    this.#memory.distrust()
    await withinTime(STOP_WITHIN_MS, 'the heart did not stop in time', () => this.#ask({ ask: 'stop' })).catch(() => {})
    clearInterval(this.#turns)
    await this.#worker.terminate()
  }

  async firstBeat(signal: AbortSignal | undefined): Promise<void> {
    let takeOff: (() => void)[] = []
    await new Promise<void>((resolve, reject) => {
      const abort = () => reject(signal?.reason)
      signal?.addEventListener('abort', abort, { once: true })
      takeOff = [this.onBeat(() => resolve()), this.onEnd(reject), () => signal?.removeEventListener('abort', abort)]
    }).finally(() => {
      for (const off of takeOff) off()
    })
  }

  async #ask(request: HeartRequest & { ask: 'goodbye' | 'stop' }): Promise<void> {
    const answered = new Promise<void>((resolve, reject) => this.#answers.set(request.ask, { resolve, reject }))
    this.#worker.postMessage(request)
    const exited = this.#exited.then(() => Promise.reject(new LeaseLostError('The heart of this node has stopped.')))
    await Promise.race([answered, exited])
  }

  #receive(message: HeartMessage): void {
    if (message.tell === 'beat') for (const listener of this.#beatListeners) listener(message.report)
    if (message.tell === 'end') this.#over(new LeaseLostError(message.sentence))
    if (message.tell === 'done') {
      if (message.fault === undefined) this.#answers.get(message.ask)?.resolve()
      else this.#answers.get(message.ask)?.reject(new Error(message.fault))
    }
  }

  #over(reason: Error): void {
    if (this.#end) return
    this.#end = reason
    this.#memory.distrust()
    if (this.#isStopping) return
    for (const listener of this.#endListeners) listener(reason)
  }
}

/** The thread's module lies beside this one, under the extension this one was loaded with. */
function workerFile(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './heart-worker.ts' : './heart-worker.js', import.meta.url)
}

function workerInput(options: HeartOptions, leaseFile: string, memory: HeartMemory): HeartInput {
  const { databaseUrl, node, incarnation, presenceKey, timings, logLevel } = options
  return {
    databaseUrl,
    node,
    incarnation,
    presenceKey,
    timings: { heartbeatIntervalMs: timings.heartbeatIntervalMs, leaseDurationMs: timings.leaseDurationMs },
    lowestTimeline: options.lowestTimeline ?? 0,
    stallLimits: options.stallLimits ?? defaultStallLimits,
    leaseFile,
    logLevel,
    memory: memory.buffer,
  }
}
