import type { Sql, Transaction } from '../database/connect.ts'
import { systemActor } from '../identity/actor.ts'
import { recordEvent } from '../identity/audit.ts'
import { messageOf } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { countRunning, removeNode } from './delete-node.ts'
import { undrainIn } from './drain.ts'
import { nodeId } from './incarnation.ts'
import { lockLead, releaseLead } from './leadership.ts'
import { lockNodeIfThere } from './node-changes.ts'
import { inTransaction, sendHints } from './transaction.ts'

export interface SweepDeps {
  /** The node that sweeps. */
  node: string
  log: Log
  /** The session for the look, where it shares a round trip with others' looks; by default that of the acts. */
  looks?: Sql
}

/**
 * What any live node does for all, each second, in one round trip while nothing is due: ends drains whose time has come,
 * tells once per drain that it is complete, removes retired nodes, and beat rows that nobody needs. Each act names the
 * drain it belongs to and looks again under its lock, so that many nodes may sweep at once.
 */
export async function sweepCluster(sql: Sql, deps: SweepDeps): Promise<void> {
  const looks = deps.looks ?? sql
  const [due] = await Promise.all([selectDue(looks), removeOldBeats(looks)])
  const acts = { undrain: undrainWhenDue, drained: tellDrained, retire: removeRetired }
  for (const { name, drain_number, what } of due) {
    await acts[what](sql, name, drain_number, deps).catch((error: unknown) => {
      deps.log.warn({ err: error, node: name, what }, `a drain that is due could not be swept: ${messageOf(error)}`)
    })
  }
}

interface Due {
  name: string
  drain_number: number
  what: 'undrain' | 'drained' | 'retire'
}

/** A node is over when its incarnation said goodbye, is marked, or has no row of beats. */
async function selectDue(sql: Sql): Promise<Due[]> {
  return sql<Due[]>`
    select n.name, n.drain_number,
           case when n.undrain_at <= clock_timestamp() then 'undrain' when n.drained_event then 'retire' else 'drained' end as what
    from node n left join node_beat b on b.incarnation = n.incarnation
    where n.drain and n.deleted_at is null
      and (n.undrain_at <= clock_timestamp()
        or ((not n.drained_event or (n.retire and coalesce(b.goodbye or b.lost, true)))
          and not exists (select 1 from task t where t.node = n.name and t.state in ('Executing', 'Cancelling'))))
    order by n.name`
}

async function undrainWhenDue(sql: Sql, name: string, drainNumber: number, deps: SweepDeps): Promise<void> {
  await inTransaction(sql, async (tx) => {
    const node = await lockNodeIfThere(tx, name)
    const isDue =
      node?.drain && node.drain_number === drainNumber && node.undrain_at !== null && node.undrain_at <= node.read_at
    if (isDue) await undrainIn(tx, node, systemActor(deps.node))
  })
}

async function tellDrained(sql: Sql, name: string, drainNumber: number, deps: SweepDeps): Promise<void> {
  await inTransaction(sql, async (tx) => {
    const told = await tx`
      update node set drained_event = true
      where name = ${name} and drain and drain_number = ${drainNumber} and not drained_event and deleted_at is null returning 1`
    if (told.length === 0) return
    await recordEvent(tx, {
      category: 'NodeDrained',
      message: `Node ${name} is drained: no task runs on it any more.`,
      actor: systemActor(deps.node),
      related: [nodeId(name)],
      after: { IsInMaintenanceMode: true, RunningTaskCount: 0 },
    })
    await sendHints(tx, ['node'])
  })
}

async function removeRetired(sql: Sql, name: string, drainNumber: number, deps: SweepDeps): Promise<void> {
  await inTransaction(sql, async (tx) => {
    const lead = await lockLead(tx)
    const node = await lockNodeIfThere(tx, name)
    if (!node?.drain || node.drain_number !== drainNumber || !node.retire) return
    if (!(await isOver(tx, node.incarnation)) || (await countRunning(tx, name)) > 0) return
    await releaseLead(tx, lead, name, 'deleted', systemActor(deps.node))
    await removeNode(tx, node, false, systemActor(deps.node))
    deps.log.info({ retired: name }, 'removed a retired node')
  })
}

async function isOver(tx: Transaction, incarnation: string | null): Promise<boolean> {
  const rows = await tx<
    { over: boolean }[]
  >`select goodbye or lost as over from node_beat where incarnation = ${incarnation}`
  return rows[0]?.over ?? true
}

/** Beats of incarnations that are over are kept for an hour, and until all their attempts are settled. */
async function removeOldBeats(sql: Sql): Promise<void> {
  await sql`
    delete from node_beat
    where incarnation = any (array(
      select b.incarnation from node_beat b
      where (b.lost or b.goodbye) and greatest(b.last_seen, b.lost_at) < clock_timestamp() - interval '1 hour'
        and not exists (select 1 from node n where n.incarnation = b.incarnation)
        and not exists (select 1 from task t where t.incarnation = b.incarnation and t.state in ('Executing', 'Cancelling'))
      order by b.incarnation limit 200 for update of b skip locked))`
}
