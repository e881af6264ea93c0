import type { Incarnation } from '../cluster/incarnation.ts'
import type { Timings } from '../cluster/timings.ts'
import type { Sql } from '../database/connect.ts'
import { type Clock, SECOND } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { type Claim, type ClaimedTask, claimTasks, PATIENCE_MS, type QueuePlace } from './claim.ts'
import { type AttemptKey, raiseClaimSession, reconcile } from './claim-session.ts'
import { claimTagged } from './claim-tagged.ts'
import type { Completions } from './complete.ts'
import type { RoundTrips } from './round-trips.ts'

export interface ClaimerDeps {
  sql: Sql
  incarnation: Incarnation
  kinds: readonly string[]
  timings: Timings
  clock: Clock
  log: Log
  roundTrips: RoundTrips
  isLeader(): boolean
  /** True while the node may take anything at all. */
  mayClaim(): boolean
  /** Every attempt of this node whose end is not confirmed. */
  held(): readonly AttemptKey[]
  /** How many these are. */
  heldCount(): number
  /** The ends that a claim takes along. */
  ends: Pick<Completions, 'gathered' | 'carry'>
  /** Takes over what was claimed by a statement sent at `sentMs`. */
  take(tasks: readonly ClaimedTask[], sentMs: number): void
  /** Attempts that the rows do not give to this incarnation any more, or never did. */
  disown(attempts: readonly AttemptKey[]): void
}

/** Rows and memory are compared so often. */
const RECONCILE_MS = 10 * SECOND
/** After a look at the tagged tasks that found none to start, the next comes no sooner than this. */
const TAGGED_PAUSE_MS = 100
/** A claim that filled every slot longer ago than this says nothing of the queue now. */
const DEEP_QUEUE_MS = 250

/** The queue is looked through from its beginning at least so often: what comes in before the others waits no longer for it. */
const FROM_BEGINNING_MS = 100

/** What a pass leaves behind: whether there may be more to take as soon as a slot is free, and when to look again anyway. */
export interface PassResult {
  mayHaveMore: boolean
  lookAgainMs?: number
}

/** A claim that was answered, and what it was sent with. */
interface Sent {
  claim: Claim
  running: number
  from: QueuePlace | undefined
}

/**
 * Takes work from the queue; one statement of it is in flight at a time. After any error the number of the node's claims is
 * raised before the next one, and the rows are compared with the memory: so a claim whose answer was lost leaves nothing
 * behind. The same comparison follows each replacement of the session, and each 10 s.
 */
export class Claimer {
  readonly #deps: ClaimerDeps
  #session: number | undefined
  #backend: number | undefined
  #compareMs = Number.NEGATIVE_INFINITY
  #cap: number | undefined
  #filledMs = Number.NEGATIVE_INFINITY
  #place: QueuePlace | undefined
  #fromBeginningMs = Number.NEGATIVE_INFINITY
  #mayHaveTagged = true
  #taggedMs = Number.NEGATIVE_INFINITY

  constructor(deps: ClaimerDeps) {
    this.#deps = deps
  }

  /** False until a pass has raised the number anew. */
  get isReady(): boolean {
    return this.#session !== undefined
  }

  /** Something has changed: what is remembered of cap and tags may be wrong. */
  forget(): void {
    this.#cap = undefined
    this.#taggedMs = Number.NEGATIVE_INFINITY
  }

  /**
   * True when the next pass sends at once a claim that takes ends along: the queue was deep a moment ago, and no tagged
   * task is to be looked for first, which would find every slot taken.
   */
  get takesEnds(): boolean {
    return this.isReady && this.#deps.mayClaim() && this.#isDeep && !this.#isTaggedDue
  }

  get #isDeep(): boolean {
    return this.#deps.clock.monotonicMs() - this.#filledMs <= DEEP_QUEUE_MS
  }

  get #isTaggedDue(): boolean {
    return this.#mayHaveTagged && this.#deps.clock.monotonicMs() - this.#taggedMs >= TAGGED_PAUSE_MS
  }

  /** True when every slot is taken as far as is known. */
  get isFull(): boolean {
    return this.#cap !== undefined && this.#deps.heldCount() >= this.#cap
  }

  /** Claims until the slots are full or nothing is left that this node may take. Rejects as the database does. */
  async pass(): Promise<PassResult> {
    try {
      await this.#prepare()
      return await this.#claimAll()
    } catch (error) {
      this.#session = undefined
      throw error
    }
  }

  async #prepare(): Promise<void> {
    const { sql, incarnation, roundTrips, clock } = this.#deps
    if (this.#session === undefined) {
      const name = { node: incarnation.node, incarnation: incarnation.id }
      this.#session = await roundTrips.run(() => raiseClaimSession(sql, name))
      this.#compareMs = Number.NEGATIVE_INFINITY
    }
    if (clock.monotonicMs() >= this.#compareMs) await this.#compare()
  }

  async #compare(): Promise<void> {
    const { sql, incarnation, held, disown, log, clock, roundTrips } = this.#deps
    const before = held()
    const { returned, foreign } = await roundTrips.run(() => reconcile(sql, incarnation.id, before))
    if (returned.length > 0) log.warn({ attempts: returned.length }, 'attempts whose claim was not answered went back')
    if (foreign.length > 0) disown(foreign)
    this.#compareMs = clock.monotonicMs() + RECONCILE_MS
  }

  async #claimAll(): Promise<PassResult> {
    for (;;) {
      if (this.#session === undefined || !this.#deps.mayClaim()) return { mayHaveMore: false }
      if (await this.#claimTagged(this.#session)) continue
      const isCarrying = this.#isDeep && this.#deps.ends.gathered > 0
      if (this.isFull && !isCarrying) return { mayHaveMore: true }
      const { claim, running, from } = isCarrying
        ? await this.#claimWithEnds(this.#session)
        : await this.#claimPlain(this.#session)
      const free = Math.max(0, (claim.cap ?? 0) - running)
      const isFilled = claim.tasks.length >= free
      this.#filledMs = isFilled && free > 0 ? this.#deps.clock.monotonicMs() : Number.NEGATIVE_INFINITY
      if (claim.cap === undefined) return { mayHaveMore: false }
      if (isFilled) return { mayHaveMore: true }
      if (from) continue
      if (claim.taggedQueued && (await this.#claimTagged(this.#session))) continue
      // An idle node whose share is nothing: nothing waits
      if (claim.limit === 0 && running === 0) return { mayHaveMore: false }
      // It took its whole share and not every slot: what the others leave is taken in a moment
      if (claim.limit < free && claim.tasks.length >= claim.limit)
        return { mayHaveMore: true, lookAgainMs: PATIENCE_MS }
      return { mayHaveMore: claim.taggedQueued }
    }
  }

  async #claimPlain(session: number): Promise<Sent> {
    const { sql, clock, timings, roundTrips, heldCount } = this.#deps
    const sentMs = clock.monotonicMs()
    const running = heldCount()
    const shareOut = !this.#isDeep
    const from = shareOut ? undefined : this.#placeToBegin(sentMs)
    const request = { ...this.#request(session, running), leaseDurationMs: timings.leaseDurationMs, shareOut, from }
    const claim = await roundTrips.run(() => claimTasks(sql, request))
    this.#notice(claim, sentMs)
    return { claim, running, from }
  }

  /** The slots of the ends that it takes along are free for it. */
  async #claimWithEnds(session: number): Promise<Sent> {
    const { sql, clock, timings, ends, heldCount } = this.#deps
    const sentMs = clock.monotonicMs()
    const running = heldCount() - ends.gathered
    const from = this.#placeToBegin(sentMs)
    const base = { ...this.#request(session, running), leaseDurationMs: timings.leaseDurationMs }
    const request = { ...base, shareOut: false, from }
    const claim = await ends.carry((carried) => claimTasks(sql, { ...request, ends: carried }))
    this.#notice(claim, sentMs)
    return { claim, running, from }
  }

  /** Where the last claim began to find something, for a while; after that, and when it found too little, the beginning. */
  #placeToBegin(sentMs: number): QueuePlace | undefined {
    if (sentMs - this.#fromBeginningMs < FROM_BEGINNING_MS && this.#place) return this.#place
    this.#fromBeginningMs = sentMs
    return undefined
  }

  /** Before those without a tag, since it looks itself whether there are enough of those before it. True when it took one. */
  async #claimTagged(session: number): Promise<boolean> {
    const { sql, clock, isLeader, roundTrips, heldCount, take } = this.#deps
    const sentMs = clock.monotonicMs()
    if (this.isFull || !this.#isTaggedDue) return false
    const request = { ...this.#request(session, heldCount()), leads: isLeader() }
    const task = await roundTrips.run(() => claimTagged(sql, request))
    if (task) take([task], sentMs)
    else this.#taggedMs = clock.monotonicMs()
    return task !== undefined
  }

  #request(session: number, running: number) {
    const { incarnation, kinds } = this.#deps
    return { node: incarnation.node, incarnation: incarnation.id, session, running, kinds }
  }

  #notice({ cap, taggedQueued, backend, tasks, first, limit }: Claim, sentMs: number): void {
    this.#place = tasks.length >= limit ? first : undefined
    this.#cap = cap
    this.#mayHaveTagged = taggedQueued
    if (this.#backend !== undefined && this.#backend !== backend) this.#compareMs = Number.NEGATIVE_INFINITY
    this.#backend = backend
    if (tasks.length > 0) this.#deps.take(tasks, sentMs)
  }
}
