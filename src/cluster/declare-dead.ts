import type { Sql, Transaction } from '../database/connect.ts'
import type { Actor } from '../identity/actor.ts'
import { Refusal } from '../lib/errors.ts'
import { nodeNameOf } from './incarnation.ts'
import { markLostIn } from './judge.ts'
import { lockLead } from './leadership.ts'
import type { Timings } from './timings.ts'
import { inTransaction } from './transaction.ts'

/**
 * Takes a person's word that a node is off: its incarnation is marked as proven dead, and what it ran is settled at once.
 * `confirm` must repeat the node's name (400 otherwise). 409 while the node still beats, and when it was stopped in order.
 * Declared dead again, nothing is changed.
 */
export async function declareDead(
  sql: Sql,
  idOrName: string,
  confirm: string,
  actor: Actor,
  timings: Pick<Timings, 'leaseDurationMs'>,
): Promise<void> {
  const name = nodeNameOf(idOrName)
  await inTransaction(sql, async (tx) => {
    const lead = await lockLead(tx)
    const node = await lockBeatsOf(tx, name, timings)
    if (!node) throw new Refusal('NotFound', `There is no node ${name}.`)
    if (nodeNameOf(confirm) !== name) throw notConfirmed(name, confirm)
    if (node.incarnation === null)
      throw new Refusal('Conflict', `Node ${name} has never been started, so there is nothing to declare dead.`)
    if (node.goodbye) throw new Refusal('Conflict', `Node ${name} was stopped in order: nothing of it runs any more.`)
    if (node.beats) throw stillBeats(name, node.age_ms)
    const cause = `${actor.username} declared it dead.`
    await markLostIn(tx, lead, { incarnation: node.incarnation, verdict: { by: 'proof', cause }, actor })
  })
}

interface DeclaredNode {
  incarnation: string | null
  goodbye: boolean
  beats: boolean
  age_ms: number
}

async function lockBeatsOf(
  tx: Transaction,
  name: string,
  { leaseDurationMs }: Pick<Timings, 'leaseDurationMs'>,
): Promise<DeclaredNode | undefined> {
  await tx`
    select 1 from node_beat b join node n on n.incarnation = b.incarnation where n.name = ${name} for update of b`
  const rows = await tx<DeclaredNode[]>`
    select n.incarnation, coalesce(b.goodbye, false) as goodbye,
           coalesce(not b.lost and b.last_seen >= clock_timestamp() - ${leaseDurationMs} * interval '1 ms', false) as beats,
           coalesce(extract(epoch from clock_timestamp() - b.last_seen)::float8 * 1000, 0) as age_ms
    from node n left join node_beat b on b.incarnation = n.incarnation
    where n.name = ${name} and n.deleted_at is null`
  return rows[0]
}

function notConfirmed(name: string, confirm: string): Refusal {
  return new Refusal(
    'BadRequest',
    `To declare node ${name} dead, repeat its name in Confirm: what it runs is settled at once, and runs twice if it is alive. Confirm was '${confirm.slice(0, 80)}'.`,
  )
}

function stillBeats(name: string, ageMs: number): Refusal {
  return new Refusal(
    'Conflict',
    `Node ${name} is alive: its last heartbeat was ${(Math.max(0, ageMs) / 1000).toFixed(1)} s ago. Stop its process, or wait until it is offline.`,
  )
}
