import type { Sql } from '../database/connect.ts'
import { systemActor } from '../identity/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { isAbort, messageOf } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { proveDeath } from './death-proof.ts'
import { tryElect } from './election.ts'
import type { Heart } from './heart.ts'
import { markLost } from './judge.ts'
import { trustDurationMs } from './lease.ts'
import { type NodeSelf, selfOf } from './node-self.ts'
import { createObserver, type Observer, type Silence } from './observer.ts'
import { createPeers, type Peers } from './peers.ts'
import type { Timings } from './timings.ts'
import { type ClusterView, readViewRow } from './view.ts'
import { toClusterView } from './view-rows.ts'
import { digestOf, peersOf, shouldStand, silentToMark, suspectsOf, type WatchedPeer } from './watch-decisions.ts'

export interface ClusterWatchDeps {
  /** A set of one session (`max: 1`), for the readings: silence is counted over one unbroken session. */
  sql: Sql
  /** For elections and marks. */
  pool: Sql
  node: string
  incarnation: string
  heart: Pick<Heart, 'isTrusted' | 'countRoundTrip'>
  timings: Timings
  clock: Clock
  log: Log
  /** `off` in networks that answer in place of hosts: then only silence tells of a death. */
  deathProof: 'on' | 'off'
  /** True from the first signal to stop: then this node does not stand for the lead. */
  isStopping(): boolean
}

/** The cluster as this node sees it, and what every node does about it: links, looks, marks, elections. */
export interface ClusterWatch {
  /**
   * Reads the cluster in one round trip and acts on it. To be called each second and on the hints `node` and `leadership`;
   * calls while one is running are answered together by one more.
   */
  tick(): Promise<void>
  /** The last reading; undefined before the first. */
  view(): ClusterView | undefined
  /** How old the last reading is; Infinity before the first. */
  ageMs(): number
  /** By a fresh reading and a trusted lease. Acts are fenced all the same (`leaderFence`). */
  isLeader(): boolean
  /** The term in which this node leads. */
  term(): number | undefined
  /** For how long the beats of each incarnation were seen to stand still: never longer than they did. */
  silence(): readonly Silence[]
  /** What this node last knew of its own settings. */
  self(): NodeSelf | undefined
  /** Tells when a node's state, the lead or the pause has changed; returns what takes the listener off. */
  onChange(listener: (view: ClusterView, previous: ClusterView | undefined) => void): () => void
  stop(): Promise<void>
}

/** How often a peer is looked at whose link has closed. */
const LOOKS_AFTER_A_CLOSE = 5

/** Starts with nothing read. */
export function createClusterWatch(deps: ClusterWatchDeps): ClusterWatch {
  if (deps.sql.options.max !== 1) throw new Error('the watch reads on a set of one session')
  return new Watch(deps)
}

class Watch implements ClusterWatch {
  readonly #deps: ClusterWatchDeps
  readonly #observer: Observer
  readonly #peers: Peers
  readonly #looks = new Map<string, Promise<void>>()
  readonly #listeners = new Set<(view: ClusterView, previous: ClusterView | undefined) => void>()
  readonly #stopper = new AbortController()
  #view: ClusterView | undefined
  #digest = ''
  #readMs = Number.NEGATIVE_INFINITY
  #self: NodeSelf | undefined
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(deps: ClusterWatchDeps) {
    this.#deps = deps
    this.#observer = createObserver(Math.max(3 * deps.timings.heartbeatIntervalMs, deps.timings.leaseDurationMs / 2))
    this.#peers = createPeers({ onClosed: (peer) => this.#lookAt(peer, LOOKS_AFTER_A_CLOSE), log: deps.log })
  }

  view(): ClusterView | undefined {
    return this.#view
  }

  ageMs(): number {
    return this.#deps.clock.monotonicMs() - this.#readMs
  }

  isLeader(): boolean {
    return this.term() !== undefined
  }

  term(): number | undefined {
    const { heart, timings, incarnation } = this.#deps
    if (!this.#view || !heart.isTrusted() || this.ageMs() > trustDurationMs(timings)) return undefined
    const { holder, leader, term } = this.#view.leadership
    return holder?.incarnation === incarnation && leader === holder.node ? term : undefined
  }

  silence(): readonly Silence[] {
    return this.#observer.silence()
  }

  self(): NodeSelf | undefined {
    return this.#self
  }

  onChange(listener: (view: ClusterView, previous: ClusterView | undefined) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  tick(): Promise<void> {
    if (this.#stopper.signal.aborted) return Promise.resolve()
    if (!this.#running) {
      this.#running = this.#pass().finally(() => {
        this.#running = undefined
      })
      return this.#running
    }
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined
        return this.tick()
      })
    return this.#next
  }

  async stop(): Promise<void> {
    this.#stopper.abort()
    this.#peers.stop()
    await Promise.allSettled([this.#running, ...this.#looks.values()])
    this.#listeners.clear()
  }

  async #pass(): Promise<void> {
    const view = await this.#read()
    const { incarnation, timings, deathProof } = this.#deps
    const peers = peersOf(view, incarnation)
    if (deathProof === 'on' && !this.#stopper.signal.aborted) {
      this.#peers.keep(peers)
      for (const suspect of suspectsOf(peers, this.#observer, timings.heartbeatIntervalMs)) this.#lookAt(suspect, 1)
    }
    const hasMarked = await this.#markSilent(view)
    const hasWon = await this.#standForLead(hasMarked ? await this.#read() : view)
    if (hasWon) await this.#read()
  }

  async #read(): Promise<ClusterView> {
    const { sql, clock, timings, heart, node } = this.#deps
    const askedMs = clock.monotonicMs()
    const row = await readViewRow(sql)
    heart.countRoundTrip()
    this.#observer.read({ session: row.session, askedMs, answeredMs: clock.monotonicMs(), beats: row.beats })
    const view = toClusterView(row, timings, (incarnation) =>
      this.#observer.isSilent(incarnation, timings.leaseDurationMs),
    )
    const previous = this.#view
    this.#view = view
    this.#readMs = askedMs
    const own = view.nodes.find(({ name }) => name === node)
    if (own) this.#self = selfOf(own)
    this.#tellChange(view, previous)
    return view
  }

  #tellChange(view: ClusterView, previous: ClusterView | undefined): void {
    const digest = digestOf(view)
    if (digest === this.#digest) return
    this.#digest = digest
    for (const listener of this.#listeners) listener(view, previous)
  }

  async #markSilent(view: ClusterView): Promise<boolean> {
    const { pool, incarnation, node, timings } = this.#deps
    let hasMarked = false
    for (const { incarnation: silent, beat, stillMs } of silentToMark(view, incarnation, this.#observer, timings)) {
      const verdict = { by: 'silence' as const, beat, stillMs, leaseDurationMs: timings.leaseDurationMs }
      const result = await markLost(pool, { incarnation: silent, verdict, actor: systemActor(node) })
      hasMarked ||= result !== 'unchanged'
    }
    return hasMarked
  }

  async #standForLead(view: ClusterView): Promise<boolean> {
    const { pool, node, incarnation, heart, timings, isStopping } = this.#deps
    if (!heart.isTrusted() || isStopping()) return false
    const { holder } = view.leadership
    const isHolderSilent = holder !== undefined && this.#observer.stillMs(holder.incarnation) >= timings.leaseDurationMs
    if (!shouldStand(view, incarnation, isHolderSilent)) return false
    const silentHolder = isHolderSilent ? holder.incarnation : undefined
    const won = await tryElect(pool, { node, incarnation, silentHolder }, timings)
    if (won !== undefined) this.#deps.log.info({ term: won }, 'this node leads')
    return won !== undefined
  }

  /** Beside the passes, since it takes its time; one look at an incarnation at once. */
  #lookAt({ incarnation }: { incarnation: string }, times: number): void {
    const suspect =
      this.#view && peersOf(this.#view, this.#deps.incarnation).find((peer) => peer.incarnation === incarnation)
    if (!suspect || this.#looks.has(incarnation) || this.#stopper.signal.aborted) return
    const look = this.#look(suspect, times)
      .catch((error: unknown) => {
        if (!isAbort(error))
          this.#deps.log.info({ err: error, peer: suspect.node }, `a look at a silent node failed: ${messageOf(error)}`)
      })
      .finally(() => this.#looks.delete(incarnation))
    this.#looks.set(incarnation, look)
  }

  async #look(suspect: WatchedPeer, times: number): Promise<void> {
    const { pool, clock, node } = this.#deps
    const cause = await proveDeath(pool, suspect, { clock, times, signal: this.#stopper.signal })
    if (cause === undefined) return
    const verdict = { by: 'proof' as const, cause }
    const result = await markLost(pool, { incarnation: suspect.incarnation, verdict, actor: systemActor(node) })
    if (result !== 'unchanged') await this.tick()
  }
}
