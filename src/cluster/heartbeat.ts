import type { Clock } from '../lib/clock.ts'
import { messageOf } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { type Loop, startLoop } from '../lib/loop.ts'
import type { BeatReport, Vitals } from './heart.ts'
import type { HeartMemory } from './heart-memory.ts'
import { type BeatAnswer, createHeartSession, type HeartIdentity, type HeartSession } from './heart-session.ts'
import { trustDurationMs } from './lease.ts'
import { bootSeconds, type LeaseFile } from './lease-file.ts'
import { createStallWatch, type StallLimits } from './stall-watch.ts'
import type { Timings } from './timings.ts'
import { withinTime } from './within-time.ts'

export interface HeartbeatOptions extends HeartIdentity {
  databaseUrl: string
  timings: Pick<Timings, 'heartbeatIntervalMs' | 'leaseDurationMs'>
  /** The highest timeline this process has seen: a server below it gets no beat. */
  lowestTimeline: number
  stallLimits: StallLimits
}

/** What the loop works with and whom it tells. */
export interface HeartbeatDeps {
  memory: HeartMemory
  leaseFile: LeaseFile
  clock: Clock
  log: Log
  onBeat(report: BeatReport): void
  /** The incarnation is over; nothing follows. */
  onEnd(sentence: string): void
  /** The main thread has stood still for too long: ends the process. */
  die(sentence: string): void
}

export interface Heartbeat {
  say(vitals: Vitals): void
  /** Beats until it is said; over a new session if need be. Rejects when the database did not take it in time. */
  goodbye(): Promise<void>
  stop(): Promise<void>
}

/** How often the main thread is looked at. */
const WATCH_TICK_MS = 500

/** The heart's loop: beats at once and then each interval, on a session of its own, until the incarnation ends. */
export function startHeartbeat(options: HeartbeatOptions, deps: HeartbeatDeps): Heartbeat {
  return new BeatLoop(options, deps)
}

class BeatLoop implements Heartbeat {
  readonly #options: HeartbeatOptions
  readonly #deps: HeartbeatDeps
  readonly #stopper = new AbortController()
  readonly #loop: Loop
  readonly #watch: NodeJS.Timeout
  readonly #trustMs: number
  /** A beat that hangs is given up while the trust in the one before lasts, so that another can still arrive in time. */
  readonly #giveUpMs: number
  #session: HeartSession | undefined
  #vitals: Vitals | undefined
  #warning: string | undefined
  #toldCanClaim: boolean | undefined
  #timeline: number
  #failures = 0

  constructor(options: HeartbeatOptions, deps: HeartbeatDeps) {
    this.#options = options
    this.#deps = deps
    this.#trustMs = trustDurationMs(options.timings)
    this.#giveUpMs = this.#trustMs / 2
    this.#timeline = options.lowestTimeline
    this.#loop = startLoop(
      {
        name: 'heart',
        everyMs: options.timings.heartbeatIntervalMs,
        signal: this.#stopper.signal,
        clock: deps.clock,
        log: deps.log,
      },
      () => this.#pass(),
    )
    this.#watch = this.#watchMainThread()
  }

  say(vitals: Vitals): void {
    const isNews = vitals.canClaim !== this.#vitals?.canClaim
    this.#vitals = vitals
    if (isNews) this.#loop.wake()
  }

  async goodbye(): Promise<void> {
    await this.#endLoop()
    const sayIt = () => this.#inTime(async () => (await this.#openSession()).goodbye())
    await sayIt().catch(() => {
      this.#dropSession()
      return sayIt()
    })
    this.#deps.memory.distrust()
    this.#deps.leaseFile.expire()
  }

  async stop(): Promise<void> {
    await this.#endLoop()
    this.#deps.memory.distrust()
    this.#dropSession()
    clearInterval(this.#watch)
    this.#deps.leaseFile.remove()
  }

  async #endLoop(): Promise<void> {
    this.#stopper.abort()
    await this.#loop.done
  }

  /** Returns the time to wait until the next pass. Failures are expected (a database restarts) and never end the loop. */
  async #pass(): Promise<number> {
    const intervalMs = this.#options.timings.heartbeatIntervalMs
    try {
      await this.#inTime(() => this.#beat())
      this.#failures = 0
      return intervalMs
    } catch (error) {
      this.#dropSession()
      this.#reportFailure(error)
      return Math.min(intervalMs, 50 * 2 ** Math.min(this.#failures, 10))
    }
  }

  async #beat(): Promise<void> {
    const { clock, memory, leaseFile } = this.#deps
    const session = await this.#openSession()
    const sentMs = clock.monotonicMs()
    const sentBootSeconds = bootSeconds()
    const sentWallMs = Date.now()
    const vitals = this.#vitalsToSay()
    const answer = await session.beat(vitals, this.#timeline, vitals?.canClaim !== this.#toldCanClaim)
    if (session !== this.#session) return
    if (answer.timeline < this.#timeline) throw new Error(staleServer(answer.timeline, this.#timeline))
    this.#timeline = answer.timeline
    if (answer.beat === undefined) return this.#end(await session.whyEnded())
    this.#toldCanClaim = vitals?.canClaim
    memory.trust(sentMs, sentMs + this.#trustMs)
    this.#writeLease(leaseFile, sentBootSeconds)
    this.#deps.onBeat(report(answer, answer.beat, { sentMs, answeredMs: clock.monotonicMs(), sentWallMs }))
  }

  /** Guards that read no new lease end their attempts, so a fault here is one of the attempts, not of the node. */
  #writeLease(leaseFile: LeaseFile, sentBootSeconds: number): void {
    try {
      leaseFile.renew(sentBootSeconds)
    } catch (error) {
      this.#deps.log.error({ err: error }, 'the lease file cannot be written: scripts will be stopped by their guards')
    }
  }

  #end(sentence: string): void {
    this.#deps.memory.distrust()
    this.#deps.leaseFile.expire()
    this.#stopper.abort()
    this.#dropSession()
    this.#deps.onEnd(sentence)
  }

  async #openSession(): Promise<HeartSession> {
    const session = this.#session ?? this.#newSession()
    this.#session = session
    await session.ready()
    return session
  }

  #newSession(): HeartSession {
    const session = createHeartSession(this.#options.databaseUrl, this.#options, this.#giveUpMs, () => {
      if (this.#session === session) this.#dropSession()
      this.#loop.wake()
    })
    return session
  }

  #dropSession(): void {
    this.#session?.destroy()
    this.#session = undefined
  }

  #inTime<T>(act: () => Promise<T>): Promise<T> {
    return withinTime(this.#giveUpMs, 'the database did not answer a heartbeat in time', act)
  }

  #vitalsToSay(): Vitals | undefined {
    if (!this.#vitals || this.#warning === undefined) return this.#vitals
    const { fitness } = this.#vitals
    return { canClaim: false, fitness: { ...fitness, warnings: [...fitness.warnings, this.#warning] } }
  }

  #reportFailure(error: unknown): void {
    this.#failures += 1
    if (this.#failures !== 1 && this.#failures % 30 !== 0) return
    const level = this.#failures === 1 ? 'info' : 'warn'
    this.#deps.log[level](
      { failures: this.#failures, err: error },
      `heartbeat failed, trying again: ${messageOf(error)}`,
    )
  }

  #watchMainThread(): NodeJS.Timeout {
    const { clock, memory, die, log } = this.#deps
    const look = createStallWatch(WATCH_TICK_MS, this.#options.stallLimits)
    return setInterval(() => {
      const atMs = clock.monotonicMs()
      const isBeating = atMs - memory.lastSentMs() < 2 * this.#options.timings.heartbeatIntervalMs + WATCH_TICK_MS
      const verdict = look({ atMs, turns: memory.turns(), roundTrips: memory.roundTrips(), isBeating })
      if (verdict.warning !== undefined && this.#warning === undefined) log.warn(verdict.warning)
      const isNews = (verdict.warning === undefined) !== (this.#warning === undefined)
      this.#warning = verdict.warning
      if (isNews) this.#loop.wake()
      if (verdict.state === 'die') die(verdict.warning ?? '')
    }, WATCH_TICK_MS)
  }
}

function report(
  answer: BeatAnswer,
  beat: number,
  times: { sentMs: number; answeredMs: number; sentWallMs: number },
): BeatReport {
  const roundTripMs = times.answeredMs - times.sentMs
  return {
    beat,
    sentMs: times.sentMs,
    roundTripMs,
    clockDifferenceMs: times.sentWallMs + roundTripMs / 2 - answer.databaseTime.getTime(),
    timeline: answer.timeline,
    isPresenceHeld: answer.isPresenceHeld,
  }
}

function staleServer(timeline: number, highest: number): string {
  return `the database server is on timeline ${timeline}, but timeline ${highest} was seen before: it is an old primary and must not be used`
}
