import { randomUUID } from 'node:crypto'
import type { Sql } from '../../src/database/connect.ts'

export interface NodeRows {
  name: string
  cap?: number
  /** When it was last seen, in seconds ago; 0 unless told. */
  silentSeconds?: number
  goodbye?: boolean
  leads?: boolean
  canClaim?: boolean
}

/** A node as its own process would have left it in the database: registered and beating, with no process behind it. */
export async function insertNodeRows(sql: Sql, node: NodeRows): Promise<{ incarnation: string }> {
  const { name, cap = 5, silentSeconds = 0, goodbye = false, canClaim = true } = node
  const incarnation = randomUUID()
  const fitness = {
    eventLoopLagMs: 2,
    databaseRoundTripMs: 1.5,
    clockDifferenceMs: -3,
    sharedFolderFreeBytes: 1_000_000,
    warnings: [],
  }
  await sql`
    insert into node (name, incarnation, url, version, machine, task_cap, started_at)
    values (${name}, ${incarnation}, ${`http://10.0.0.5:8081`}, '0.1.0', 'machine-1', ${cap}, clock_timestamp())`
  await sql`
    insert into node_beat (incarnation, node, beat, last_seen, presence_key, can_claim, fitness, goodbye)
    values (${incarnation}, ${name}, 7, clock_timestamp() - make_interval(secs => ${silentSeconds}), 42, ${canClaim}, ${sql.json(fitness)}, ${goodbye})`
  if (node.leads)
    await sql`update leadership set term = term + 1, node = ${name}, incarnation = ${incarnation}, since = clock_timestamp()`
  return { incarnation }
}
