import type { PingFacts } from '../balancer/ping.ts'
import { type FitnessWatch, startFitness } from '../cluster/fitness.ts'
import { type Heart, startHeart } from '../cluster/heart.ts'
import type { Incarnation } from '../cluster/incarnation.ts'
import { announceStop } from '../cluster/leadership.ts'
import { registerNode } from '../cluster/register.ts'
import { sweepCluster } from '../cluster/sweep.ts'
import { type ClusterWatch, createClusterWatch } from '../cluster/watch.ts'
import type { Hints } from '../database/hints.ts'
import { type Clock, SECOND } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { type Loop, startLoop } from '../lib/loop.ts'
import { makeDue } from '../schedule/make-due.ts'
import { type Absence, createAbsence } from '../tasks/absence.ts'
import { createExecutor, type Executor } from '../tasks/executor.ts'
import type { KindRegistry } from '../tasks/kind.ts'
import { createTaskOutput } from '../tasks/log-writer.ts'
import { killLeftovers } from '../tasks/script/kill-attempts.ts'
import { removeLeftoverFolders } from '../tasks/script/script-folder.ts'
import { sweepTasks } from '../tasks/sweep.ts'
import type { ServerOptions } from './options.ts'
import type { Sessions } from './sessions.ts'

/** Beyond the grace: for SIGKILL, the last of the output and the write of the end. */
const END_MARGIN_MS = 3 * SECOND

/** What an incarnation is put together from; all of it outlives the incarnation. */
export interface LifeParts {
  options: ServerOptions
  version: string
  sessions: Sessions
  hints: Hints
  registry: KindRegistry
  folders: { lease: string; work: string }
  /** Why this node takes no tasks, whatever else; empty when nothing keeps it. */
  hindrances: readonly string[]
  isStopping(): boolean
  /** Called when a node's state, the lead or the pause has changed as this node sees it: also by silence, of which no hint tells. */
  onClusterChange(): void
  clock: Clock
  log: Log
}

/** What one incarnation hands to the next of the same process. */
export interface Heritage {
  timeline: number
  former?: { incarnation: string; self: ReturnType<ClusterWatch['self']> }
}

/** One incarnation of the node, from its registration to its end. */
export class Life {
  readonly incarnation: Incarnation
  readonly #parts: LifeParts
  readonly #heart: Heart
  readonly #watch: ClusterWatch
  readonly #fitness: FitnessWatch
  readonly #executor: Executor
  readonly #tick: Loop
  readonly #stopper = new AbortController()
  readonly #offHints: () => void
  readonly #absence: Absence
  #timeline: number

  /** Registers and brings everything up; resolves when the first beat was accepted and the cluster was read once. */
  static async begin(parts: LifeParts, heritage: Heritage, signal: AbortSignal): Promise<Life> {
    const { options, sessions, clock, log, version } = parts
    const { name, nodeUrl, taskCap, drained, timings } = options
    const wish = {
      name,
      url: nodeUrl,
      version,
      taskCap,
      drained,
      ...(heritage.former ? { former: heritage.former } : {}),
    }
    const registration = await registerNode(sessions.cluster, wish, {
      timings,
      clock,
      log,
      signal,
      killLeftovers: async (incarnation) => {
        await killLeftovers(incarnation)
        await removeLeftoverFolders(parts.folders.work, incarnation)
      },
    })
    const heart = await startHeart({
      databaseUrl: options.databaseUrl,
      node: name,
      incarnation: registration.incarnation,
      presenceKey: registration.presenceKey,
      timings,
      leaseFolder: parts.folders.lease,
      lowestTimeline: heritage.timeline,
      logLevel: options.logLevel,
      clock,
      log,
      signal,
    })
    const ended = new AbortController()
    heart.onEnd((reason) => ended.abort(reason))
    const incarnation = {
      node: name,
      id: registration.incarnation,
      presenceKey: registration.presenceKey,
      ended: ended.signal,
    }
    const fitness = await startFitness({
      node: name,
      sharedFolder: options.sharedDir,
      heart,
      hindrances: () => (parts.isStopping() ? [...parts.hindrances, 'This node is being stopped.'] : parts.hindrances),
      clock,
      log,
    })
    const life = new Life(parts, heritage, { incarnation, heart, fitness })
    await life.#watch.tick()
    return life
  }

  private constructor(
    parts: LifeParts,
    heritage: Heritage,
    made: { incarnation: Incarnation; heart: Heart; fitness: FitnessWatch },
  ) {
    const { options, sessions, clock, log, hints } = parts
    this.#parts = parts
    this.incarnation = made.incarnation
    this.#heart = made.heart
    this.#fitness = made.fitness
    this.#timeline = heritage.timeline
    this.#absence = createAbsence(
      Math.max(3 * options.timings.heartbeatIntervalMs, options.timings.leaseDurationMs / 2),
    )
    this.#heart.onBeat(({ timeline }) => {
      this.#timeline = timeline
    })
    this.#watch = createClusterWatch({
      sql: sessions.watch,
      pool: sessions.cluster,
      node: options.name,
      incarnation: made.incarnation.id,
      heart: made.heart,
      timings: options.timings,
      clock,
      log,
      deathProof: options.deathProof,
      isStopping: parts.isStopping,
    })
    this.#watch.onChange(parts.onClusterChange)
    this.#executor = this.#createExecutor()
    const signal = AbortSignal.any([this.#stopper.signal, made.incarnation.ended])
    const loop = { signal, clock, log, everyMs: options.timings.heartbeatIntervalMs, maxBackoffMs: 2 * SECOND }
    this.#tick = startLoop({ ...loop, name: 'watch and sweep' }, () => this.#watchAndSweep())
    this.#offHints = hints.on(({ topic }) => {
      if (topic === 'node' || topic === 'leadership') this.#tick.wake()
    })
    this.#executor.start(this.#stopper.signal)
  }

  #createExecutor(): Executor {
    const { options, sessions, registry, hints, clock, log } = this.#parts
    return createExecutor({
      sql: sessions.claim,
      write: sessions.write,
      work: sessions.work,
      registry,
      timings: options.timings,
      incarnation: this.incarnation,
      lease: this.#heart,
      hints,
      isLeader: () => this.#watch.isLeader(),
      mayClaim: () => this.#fitness.vitals().canClaim,
      createOutput: (attempt) => createTaskOutput({ sql: sessions.output, clock, log }, attempt),
      clock,
      log,
    })
  }

  /** The looks of both are sent together on one session, so that an idle node has one round trip a second for all of them. */
  async #watchAndSweep(): Promise<number | undefined> {
    const [, nextDueMs] = await Promise.all([this.#watch.tick(), this.#sweepOnce()])
    return nextDueMs
  }

  /** Work that any live node does for all; what only the leader may do is fenced by its term besides. */
  async #sweepOnce(): Promise<number | undefined> {
    const { sessions, options, registry, clock, log } = this.#parts
    if (!this.#heart.isTrusted()) return undefined
    const { name: node, timings } = options
    const { cluster: sql, watch: looks } = sessions
    const term = this.#watch.term()
    const lead = term === undefined ? undefined : { incarnation: this.incarnation.id, term }
    const [swept] = await Promise.all([
      sweepTasks(sql, {
        node,
        timings,
        clock,
        looks,
        silence: () => this.#watch.silence(),
        absence: this.#absence,
        view: () => this.#watch.view(),
        registry,
      }),
      sweepCluster(sql, { node, log, looks }),
      lead && makeDue(sql, lead, registry, timings, looks),
    ])
    return swept.nextDueMs === undefined ? undefined : Math.min(swept.nextDueMs, timings.heartbeatIntervalMs)
  }

  get leaseFile(): string {
    return this.#heart.leaseFile
  }

  /** What the ping says, from what this node knows without asking. */
  facts(): Pick<PingFacts, 'isStarted' | 'isLeaseTrusted' | 'drain'> {
    const drains = this.#watch.self()?.drain !== undefined
    return {
      isStarted: this.#watch.self() !== undefined,
      isLeaseTrusted: this.#heart.isTrusted(),
      drain: !drains ? 'off' : this.#executor.runningCount() > 0 ? 'draining' : 'drained',
    }
  }

  /** Set while this node has been retired and is drained: it is to stop. */
  isRetired(): boolean {
    return this.#watch.self()?.drain?.retire === true && this.#executor.runningCount() === 0
  }

  heritage(): Heritage {
    return { timeline: this.#timeline, former: { incarnation: this.incarnation.id, self: this.#watch.self() } }
  }

  /** Takes nothing new and gives up the lead, so that others have both at once. */
  async beginStop(): Promise<void> {
    this.#executor.stopClaiming()
    this.#fitness.look()
    const release = announceStop(this.#parts.sessions.cluster, this.#parts.options.name)
    await Promise.allSettled([this.#executor.handBackUnstarted(), release])
  }

  /** Lets attempts run on until the deadline, or until the operator is in a hurry, and then ends them. */
  async finishAttempts(deadlineMs: number, hurry: AbortSignal): Promise<void> {
    const { clock, options } = this.#parts
    if (await within(clock, deadlineMs, hurry, this.#executor.idle())) return
    await this.#executor.stopAll('node stopping', AbortSignal.timeout(options.timings.cancelGraceMs + END_MARGIN_MS))
  }

  /** The end in order: loops first, the heart last, so that nobody judges the node while it still writes. */
  async goodbye(): Promise<void> {
    await this.#stopLoops()
    await this.#heart.goodbye().catch((error: unknown) => {
      this.#parts.log.warn(
        { err: error },
        'the goodbye did not reach the database; the others will notice by the silence',
      )
    })
    await this.#heart.stop()
  }

  /** The end that others have decided, or that cannot be told to anybody: kills what runs, and returns when it is gone. */
  async die(): Promise<void> {
    const { log, options, folders } = this.#parts
    await killLeftovers(this.incarnation.id)
    await this.#executor.stopAll('lost', AbortSignal.timeout(options.timings.cancelGraceMs + END_MARGIN_MS))
    if (this.#executor.runningCount() > 0) log.error('attempts of the last incarnation have not ended in time')
    await this.#stopLoops()
    await this.#heart.stop()
    await removeLeftoverFolders(folders.work, this.incarnation.id)
  }

  async #stopLoops(): Promise<void> {
    this.#stopper.abort()
    this.#offHints()
    await Promise.all([this.#watch.stop(), this.#fitness.stop(), this.#tick.done])
  }
}

/** True when it came to its end in time. */
async function within(clock: Clock, ms: number, hurry: AbortSignal | undefined, what: Promise<void>): Promise<boolean> {
  const done = new AbortController()
  const signal = hurry ? AbortSignal.any([done.signal, hurry]) : done.signal
  const timeout = clock.sleep(ms, signal).then(
    () => false,
    () => false,
  )
  const isDone = await Promise.race([what.then(() => true), timeout])
  done.abort()
  return isDone
}
