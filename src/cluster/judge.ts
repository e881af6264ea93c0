import type { Sql, Transaction } from '../database/connect.ts'
import { type Actor, systemActor } from '../identity/actor.ts'
import { recordEvent } from '../identity/audit.ts'
import { nodeId } from './incarnation.ts'
import { type LeadRow, lockLead, releaseLead } from './leadership.ts'
import { inTransaction, sendHints } from './transaction.ts'

/**
 * Why an incarnation is judged gone. `silence`: its beat counter stood at `beat` for longer than it may, counted by an
 * observer, and the database's clock bears it out. `proof`: somebody knows that its process is gone; with `leavesAttempts`
 * not everything that it ran, so that its attempts are settled by their leases all the same.
 */
export type Verdict =
  | { by: 'silence'; beat: number; stillMs: number; leaseDurationMs: number }
  | { by: 'proof'; cause: string; leavesAttempts?: boolean }

export interface Judgement {
  incarnation: string
  verdict: Verdict
  actor: Actor
}

/** `marked`: by this call. `proven`: it was marked for silence before, and now its death is proven. */
export type MarkResult = 'marked' | 'proven' | 'unchanged'

/**
 * Marks an incarnation lost, for ever: its beats, claims and registration match nothing from then on. One transaction:
 * first its beat row, so that beat and mark exclude each other, then its node row, which waits for open claims. An
 * incarnation that beat meanwhile, said goodbye or is marked already is left unchanged.
 */
export async function markLost(sql: Sql, judgement: Judgement): Promise<MarkResult> {
  return inTransaction(sql, async (tx) => markLostIn(tx, await lockLead(tx), judgement))
}

/** The same within a transaction that called `lockLead`. */
export async function markLostIn(tx: Transaction, lead: LeadRow, judgement: Judgement): Promise<MarkResult> {
  const { incarnation, verdict, actor } = judgement
  const cause = verdict.by === 'proof' ? verdict.cause : `No heartbeat for ${Math.floor(verdict.stillMs / 1000)} s.`
  const rows = await (verdict.by === 'proof'
    ? markByProof(tx, incarnation, verdict, actor.node)
    : markBySilence(tx, incarnation, verdict, cause, actor.node))
  const marked = rows[0]
  if (!marked) return 'unchanged'
  await tx`update node set lost = true where incarnation = ${incarnation}`
  const isLeader = lead.incarnation === incarnation
  await Promise.all([
    isLeader ? releaseLead(tx, lead, marked.node, 'died', systemActor(actor.node)) : undefined,
    recordLoss(tx, judgement, cause, marked),
    sendHints(tx, ['node', 'leadership', 'queue']),
  ])
  return marked.was_lost ? 'proven' : 'marked'
}

async function recordLoss(
  tx: Transaction,
  { incarnation, verdict, actor }: Judgement,
  cause: string,
  marked: MarkedRow,
): Promise<void> {
  const isProven = verdict.by === 'proof' && !verdict.leavesAttempts
  await recordEvent(tx, {
    category: 'NodeLost',
    message: marked.was_lost
      ? `Node ${marked.node}, marked lost before, is known to be dead: ${cause}`
      : `Node ${marked.node} was lost: ${cause}`,
    actor,
    related: [nodeId(marked.node)],
    before: { Lost: marked.was_lost, Proven: false },
    after: {
      Lost: true,
      Proven: isProven,
      Incarnation: incarnation,
      LastSeen: marked.last_seen.toISOString(),
      Cause: cause,
    },
  })
}

interface MarkedRow {
  node: string
  was_lost: boolean
  last_seen: Date
}

/**
 * The counter must still stand where it was seen, and the clock must agree, unless the last beat lies in the clock's
 * future: then it was set back, and the count decides alone.
 */
async function markBySilence(
  tx: Transaction,
  incarnation: string,
  { beat, leaseDurationMs }: { beat: number; leaseDurationMs: number },
  cause: string,
  by: string | undefined,
): Promise<MarkedRow[]> {
  return tx<MarkedRow[]>`
    update node_beat set lost = true, lost_at = clock_timestamp(), lost_cause = ${cause}, lost_by = ${by ?? null}
    where incarnation = ${incarnation} and not lost and not goodbye and beat = ${beat}
      and (last_seen < clock_timestamp() - ${leaseDurationMs} * interval '1 ms' or last_seen > clock_timestamp())
    returning node, false as was_lost, last_seen`
}

/** The row is locked before it is changed, to learn whether it was marked already. */
async function markByProof(
  tx: Transaction,
  incarnation: string,
  { cause, leavesAttempts = false }: { cause: string; leavesAttempts?: boolean },
  by: string | undefined,
): Promise<MarkedRow[]> {
  return tx<MarkedRow[]>`
    with before as materialized (select incarnation, lost from node_beat where incarnation = ${incarnation} for update)
    update node_beat b set lost = true, lost_at = clock_timestamp(), lost_proven = ${!leavesAttempts}, lost_cause = ${cause}, lost_by = ${by ?? null}
    from before
    where b.incarnation = before.incarnation and not b.goodbye and not b.lost_proven and not (b.lost and ${leavesAttempts})
    returning b.node, before.lost as was_lost, b.last_seen`
}
