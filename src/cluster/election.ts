import type { Sql, Transaction } from '../database/connect.ts'
import { systemActor } from '../identity/actor.ts'
import { recordEvent } from '../identity/audit.ts'
import { only } from '../lib/must.ts'
import { nodeId } from './incarnation.ts'
import { type Contender, causeToLead, type Holder } from './leadership-rules.ts'
import type { Timings } from './timings.ts'
import { inTransaction, sendHints } from './transaction.ts'

/** Who stands, and what it saw before. */
export interface Candidacy {
  node: string
  incarnation: string
  /**
   * The incarnation that holds the lead and whose silence for a lease this node has counted itself; undefined when there
   * is none. The database's clock alone is not believed.
   */
  silentHolder: string | undefined
}

/**
 * Stands for the lead; returns the new term, or undefined when the node may not have it (any more). Who wins is decided
 * under the lead's lock and with the node's own row held FOR SHARE: a drain in the making is waited for and then seen.
 */
export async function tryElect(
  sql: Sql,
  candidacy: Candidacy,
  timings: Pick<Timings, 'leaseDurationMs'>,
): Promise<number | undefined> {
  return inTransaction(sql, async (tx) => {
    const [leads, , rows] = await Promise.all([
      selectLeadForUpdate(tx),
      lockOwnRow(tx, candidacy),
      selectContenders(tx, timings),
    ])
    const lead = only(leads)
    const me = rows.find((row) => row.incarnation === candidacy.incarnation)
    if (!me) return undefined
    const others = rows.filter((row) => row !== me).map(toContender)
    const seat = {
      term: lead.term,
      holder: toHolder(lead, rows, candidacy),
      releasedBecause: lead.released_because ?? undefined,
    }
    const cause = causeToLead(toContender(me), others, seat)
    return cause === undefined ? undefined : takeLead(tx, candidacy, lead, cause)
  })
}

interface LockedLead {
  term: number
  node: string | null
  incarnation: string | null
  released_because: string | null
}

async function selectLeadForUpdate(tx: Transaction): Promise<LockedLead[]> {
  return tx<LockedLead[]>`select term, node, incarnation, released_because from leadership for update`
}

/** What is read of the row comes from the statement after this one. */
async function lockOwnRow(tx: Transaction, { node }: Candidacy): Promise<void> {
  await tx`select 1 from node where name = ${node} for share`
}

interface ContenderRow {
  name: string
  incarnation: string | null
  drain: boolean
  task_cap: number
  can_claim: boolean
  has_beat_row: boolean
  lost: boolean
  goodbye: boolean
  is_fresh: boolean
  is_stale: boolean
  is_abstaining: boolean
}

/**
 * A statement after the locks, so that it sees what was committed while they were waited for. A beat in the future (the
 * database's clock was set back) is neither fresh nor a sign of life: there the observer's count decides alone.
 */
async function selectContenders(
  tx: Transaction,
  { leaseDurationMs }: Pick<Timings, 'leaseDurationMs'>,
): Promise<ContenderRow[]> {
  return tx<ContenderRow[]>`
    select n.name, n.incarnation, n.drain, n.task_cap, coalesce(b.can_claim, false) as can_claim,
           b.incarnation is not null as has_beat_row, coalesce(b.lost or n.lost, false) as lost, coalesce(b.goodbye, false) as goodbye,
           coalesce(b.last_seen >= clock_timestamp() - ${leaseDurationMs} * interval '1 ms', false) as is_fresh,
           coalesce(b.last_seen < clock_timestamp() - ${leaseDurationMs} * interval '1 ms' or b.last_seen > clock_timestamp(), false) as is_stale,
           coalesce(l.abstaining = n.name and l.abstaining_until > clock_timestamp(), false) as is_abstaining
    from leadership l, node n left join node_beat b on b.incarnation = n.incarnation
    where n.deleted_at is null`
}

function toContender(row: ContenderRow): Contender {
  return {
    node: row.name,
    isLive: row.is_fresh && !row.lost && !row.goodbye,
    isDraining: row.drain,
    taskCap: row.task_cap,
    canClaim: row.can_claim,
    isAbstaining: row.is_abstaining,
  }
}

function toHolder(lead: LockedLead, rows: readonly ContenderRow[], candidacy: Candidacy): Holder | undefined {
  if (lead.node === null || lead.incarnation === null) return undefined
  const row = rows.find((candidate) => candidate.incarnation === lead.incarnation)
  return {
    node: lead.node,
    isGone: !row?.has_beat_row,
    lost: row?.lost ?? false,
    goodbye: row?.goodbye ?? false,
    isSilent: candidacy.silentHolder === lead.incarnation && row?.is_stale === true,
    isDraining: row?.drain ?? false,
    taskCap: row?.task_cap ?? 0,
  }
}

/**
 * A term is the server's timeline times 10^9 plus a counter: a promotion raises it even when the last terms before it were
 * not replicated. A server on an older timeline than that of the last term elects nobody.
 */
async function takeLead(
  tx: Transaction,
  { node, incarnation }: Candidacy,
  lead: LockedLead,
  cause: string,
): Promise<number | undefined> {
  const rows = await tx<{ term: number }[]>`
    with server as materialized (
      select ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint * 1000000000 as first_term)
    update leadership
    set term = greatest(term, first_term) + 1, node = ${node}, incarnation = ${incarnation}, since = clock_timestamp(), released_because = null
    from server where first_term + 1000000000 > term
    returning term`
  const term = rows[0]?.term
  if (term === undefined) return undefined
  await Promise.all([
    recordEvent(tx, {
      category: 'LeaderElected',
      message: `Node ${node} leads: ${cause}.`,
      actor: systemActor(node),
      // The node that lost the lead by this finds it in its own time line too.
      related: lead.node === null || lead.node === node ? [nodeId(node)] : [nodeId(node), nodeId(lead.node)],
      before: { Leader: lead.node, Term: lead.term },
      after: { Leader: node, Term: term, Cause: cause },
    }),
    sendHints(tx, ['leadership']),
  ])
  return term
}
