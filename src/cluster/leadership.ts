import type { Queryable, Sql, Transaction } from '../database/connect.ts'
import { type Actor, systemActor } from '../identity/actor.ts'
import { recordEvent } from '../identity/audit.ts'
import { SECOND } from '../lib/clock.ts'
import { Refusal } from '../lib/errors.ts'
import { only } from '../lib/must.ts'
import { nodeId } from './incarnation.ts'
import { checkReason } from './reason.ts'
import type { Timings } from './timings.ts'
import { inTransaction, sendHints } from './transaction.ts'

/** For how long who stepped down does not stand again, unless nobody else can. */
export const ABSTENTION_MS = 10 * SECOND

/** Why a lead was given up. */
export type ReleaseCause = 'drained' | 'stopped' | 'stepped down' | 'died' | 'deleted'

export interface LeadRow {
  term: number
  node: string | null
  incarnation: string | null
}

/**
 * Locks the lead against everybody: elections, acts of the leader, releases. First in the order of locks (after the
 * cluster row), so every transaction that may have to release the lead begins with it.
 */
export async function lockLead(tx: Transaction): Promise<LeadRow> {
  return only(await tx<LeadRow[]>`select term, node, incarnation from leadership for update`)
}

/**
 * Takes the lead from a node, if it has it; the term stays, so that the next one is higher. Must run in a transaction
 * that called `lockLead`.
 */
export async function releaseLead(
  tx: Transaction,
  lead: LeadRow,
  node: string,
  cause: ReleaseCause,
  actor: Actor,
  reason?: string,
): Promise<boolean> {
  if (lead.node !== node) return false
  const released = await tx`
    update leadership set node = null, incarnation = null, since = null, released_because = ${`${node} ${inWords(cause)}`}
    where node = ${node} returning 1`
  if (released.length === 0) return false
  await recordEvent(tx, {
    category: 'LeaderReleased',
    message: `Node ${node} gave up the lead: it ${inWords(cause)}${reason === undefined ? '' : ` (${reason})`}.`,
    actor,
    related: [nodeId(node)],
    before: { Leader: node, Term: lead.term },
    after: { Leader: null, Term: lead.term, Cause: cause },
  })
  await sendHints(tx, ['leadership'])
  return true
}

function inWords(cause: ReleaseCause): string {
  return cause === 'died' || cause === 'stepped down' ? cause : `was ${cause}`
}

/** Tells that a node begins to stop in order, and gives up its lead, so that another takes it at once. */
export async function announceStop(sql: Sql, node: string): Promise<void> {
  await inTransaction(sql, async (tx) => {
    await releaseLead(tx, await lockLead(tx), node, 'stopped', systemActor(node))
    await recordEvent(tx, {
      category: 'NodeStopped',
      message: `Node ${node} is being stopped in order.`,
      actor: systemActor(node),
      related: [nodeId(node)],
    })
    await sendHints(tx, ['node'])
  })
}

/** Makes the leader give up the lead; for 10 s it does not stand again, unless nobody else can. 409 without a leader. */
export async function stepDown(sql: Sql, actor: Actor, reason?: string): Promise<void> {
  const why = checkReason(reason)
  await inTransaction(sql, async (tx) => {
    const lead = await lockLead(tx)
    if (lead.node === null || lead.incarnation === null) {
      throw new Refusal('Conflict', 'There is no leader that could step down. Nodes that are drained do not lead.')
    }
    await tx`
      update leadership set abstaining = ${lead.node}, abstaining_until = clock_timestamp() + ${ABSTENTION_MS} * interval '1 ms'`
    await releaseLead(tx, lead, lead.node, 'stepped down', actor, why)
  })
}

/**
 * The fence of a leader's act, to stand in front of it in the same statement, as a common table expression that the act
 * joins: `with fence as materialized (${leaderFence(...)}) insert ... select ... from fence`. It holds the lead's row
 * FOR SHARE, so no other node can take the lead until the act is committed (a weaker lock does not stop a takeover), and
 * finds no row when the lead has changed hands: then the act does nothing.
 */
export function leaderFence(sql: Queryable, incarnation: string, term: number) {
  return sql`select term from leadership where incarnation = ${incarnation} and term = ${term} for share`
}

/** Who leads, for whoever asks. */
export interface LeadershipDescription {
  term: number
  /** Undefined while nobody leads. */
  node: string | undefined
  since: Date | undefined
}

/** Reads who leads: nobody while the holder is silent for a lease, marked, stopped or in drain. */
export async function describeLeadership(
  sql: Queryable,
  timings: Pick<Timings, 'leaseDurationMs'>,
): Promise<LeadershipDescription> {
  const rows = await sql<{ term: number; node: string | null; since: Date | null }[]>`
    select l.term, n.name as node, case when n.name is not null then l.since end as since
    from leadership l
    left join (node n join node_beat b on b.incarnation = n.incarnation)
      on n.incarnation = l.incarnation and not n.drain and not b.lost and not b.goodbye
         and b.last_seen >= clock_timestamp() - ${timings.leaseDurationMs} * interval '1 ms'`
  const { term, node, since } = only(rows)
  return { term, node: node ?? undefined, since: since ?? undefined }
}
