import { randomInt, randomUUID } from 'node:crypto'
import type { Sql, Transaction } from '../database/connect.ts'
import { systemActor } from '../identity/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { messageOf } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { type Judgement, markLostIn } from './judge.ts'
import { lockLead, releaseLead } from './leadership.ts'
import { type ProcessPlace, readProcessPlace } from './machine.ts'
import { insertBeat, insertNode, takeOverNode } from './node-rows.ts'
import type { NodeSelf } from './node-self.ts'
import { awaitEnd, endHeartSession, type Predecessor, type PredecessorEnd } from './predecessor.ts'
import { causeOf, recordRegistration } from './registration-event.ts'
import type { Timings } from './timings.ts'
import { inTransaction, sendHints } from './transaction.ts'

/** As what a process wants to join. */
export interface NodeWish {
  /** Lower case, valid by `isNodeName`. */
  name: string
  /** Its own direct address. It must accept connections there from now on, until after its goodbye. */
  url: string
  version: string
  /** Apply when the name is registered for the first time; later the database rules. */
  taskCap: number
  drained: boolean
  /** For a process that comes back after its incarnation ended: which one it was, and the settings it last knew. */
  former?: { incarnation: string; self: NodeSelf | undefined }
}

export interface RegisterDeps {
  timings: Pick<Timings, 'heartbeatIntervalMs' | 'leaseDurationMs'>
  clock: Clock
  log: Log
  /**
   * Kills every process of this machine that an incarnation left behind (that carries it in TAKO_ATTEMPT), and resolves
   * when they are gone. While that fails, nothing counts as proof that the incarnation's attempts are over.
   */
  killLeftovers(incarnation: string): Promise<void>
  /** Where this process runs; found out when absent. */
  place?: ProcessPlace
  /** Gives up waiting for the name. */
  signal?: AbortSignal
}

/** A new incarnation, registered and not yet beating. */
export interface Registration {
  node: string
  incarnation: string
  presenceKey: string
  /** In words, as in the audit trail: `first start`, `start after an orderly stop`, ... */
  cause: string
  taskCap: number
  isDraining: boolean
}

/** How often another process may take or leave the name while this one tries. */
const ATTEMPTS = 20

/**
 * Registers a new incarnation under the node's name. A name that is new gets the wish's cap and drain; one that is known,
 * deleted ones included, keeps its own. An incarnation before this one that has not ended in order is marked lost: as
 * proven when its death is certain, otherwise after it was silent for a lease. Throws a ConfigurationError when another
 * process with this name is alive.
 */
export async function registerNode(sql: Sql, wish: NodeWish, deps: RegisterDeps): Promise<Registration> {
  const place = deps.place ?? readProcessPlace()
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const wait = { ...deps, place, signal: deps.signal, formerIncarnation: wish.former?.incarnation }
    const [predecessor, end] = await awaitEnd(sql, wish.name, wait)
    if (end.how === 'silence' || end.how === 'proof') await endHeartSession(sql, wish.name, predecessor)
    const isCleared = await clearAway([predecessor?.incarnation, wish.former?.incarnation], deps)
    const before: Before = { predecessor, end, isCleared }
    const registration = await inTransaction(sql, (tx) => takePlace(tx, wish, place, before))
    if (registration) {
      deps.log.info({ incarnation: registration.incarnation, cause: registration.cause }, 'registered')
      return registration
    }
  }
  throw new Error(
    `The name ${wish.name} changed hands ${ATTEMPTS} times while this process tried to register under it.`,
  )
}

/** What was there under the name. */
interface Before {
  predecessor: Predecessor | undefined
  end: PredecessorEnd
  /** Nothing that ran under earlier incarnations is left on this machine. */
  isCleared: boolean
}

async function clearAway(incarnations: readonly (string | null | undefined)[], deps: RegisterDeps): Promise<boolean> {
  try {
    for (const incarnation of new Set(incarnations)) if (incarnation) await deps.killLeftovers(incarnation)
    return true
  } catch (error) {
    deps.log.error({ err: error }, `leftovers of an earlier start cannot be killed: ${messageOf(error)}`)
    return false
  }
}

/** Undefined when somebody else changed the name since it was read: then everything begins again. */
async function takePlace(
  tx: Transaction,
  wish: NodeWish,
  place: ProcessPlace,
  before: Before,
): Promise<Registration | undefined> {
  const { predecessor, end } = before
  const lead = await lockLead(tx)
  const actor = systemActor(wish.name)
  for (const judgement of judgements(wish, before)) {
    const result = await markLostIn(tx, lead, { ...judgement, actor })
    if (result === 'unchanged' && judgement.verdict.by === 'silence') return undefined
  }
  const facts = { wish, place, incarnation: randomUUID(), presenceKey: String(randomInt(2 ** 48 - 1)) }
  const keepsRetiring = end.how !== 'goodbye' && end.how !== 'none'
  const row = await (predecessor
    ? takeOverNode(tx, facts, predecessor.incarnation, keepsRetiring)
    : insertNode(tx, facts))
  if (!row) return undefined
  await insertBeat(tx, facts)
  await releaseLead(tx, lead, wish.name, end.how === 'goodbye' ? 'stopped' : 'died', actor)
  const cause = causeOf(wish, predecessor, end)
  await recordRegistration(tx, { ...facts, cause, row, predecessor })
  await sendHints(tx, ['node', 'leadership'])
  const { incarnation, presenceKey } = facts
  return { node: wish.name, incarnation, presenceKey, cause, taskCap: row.task_cap, isDraining: row.drain }
}

/** Which incarnations to mark, and why. This process's own former one is over by its own word. */
function judgements(wish: NodeWish, { predecessor, end, isCleared }: Before): Omit<Judgement, 'actor'>[] {
  const found: Omit<Judgement, 'actor'>[] = []
  const leavesAttempts = !isCleared
  const incarnation = predecessor?.incarnation
  if (incarnation) {
    if (end.how === 'proof') found.push({ incarnation, verdict: { by: 'proof', cause: end.proof, leavesAttempts } })
    if (end.how === 'lost' && end.proof !== undefined)
      found.push({ incarnation, verdict: { by: 'proof', cause: end.proof, leavesAttempts } })
    if (end.how === 'silence')
      found.push({
        incarnation,
        verdict: { by: 'silence', beat: end.beat, stillMs: end.stillMs, leaseDurationMs: end.leaseDurationMs },
      })
  }
  if (wish.former && wish.former.incarnation !== incarnation) {
    found.push({
      incarnation: wish.former.incarnation,
      verdict: { by: 'proof', cause: 'its process has ended this start itself.', leavesAttempts },
    })
  }
  return found
}
