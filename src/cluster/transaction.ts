import type { Sql, Transaction } from '../database/connect.ts'
import { HINT_CHANNEL, hintText, type Topic } from '../database/hints.ts'

/** Deadlock and serialization failure: the transaction did nothing, and may well succeed when it is run again. */
const REPEATABLE = new Set(['40P01', '40001'])
const ATTEMPTS = 5

/**
 * Runs a transaction, and runs it again when it lost against another. `act` may therefore run more than once and must
 * change nothing but the database. It takes its locks in the one order: cluster, leadership, node_beat, node, task.
 */
export async function inTransaction<T>(sql: Sql, act: (tx: Transaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      // The result is boxed, since the driver would take an array for a list of queries.
      const { result } = await sql.begin(async (tx) => ({ result: await act(tx) }))
      return result
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      if (attempt === ATTEMPTS || !REPEATABLE.has(code)) throw error
    }
  }
}

/** Hints to all nodes, when the transaction commits. */
export async function sendHints(tx: Transaction | Sql, topics: readonly Topic[]): Promise<void> {
  await tx`select pg_notify(${HINT_CHANNEL}, topic) from unnest(${tx.array(
    topics.map((topic) => hintText(topic)),
    1009,
  )}::text[]) as topic`
}
