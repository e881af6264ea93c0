import type { Sql } from '../database/connect.ts'
import { type ReturnRow, writeReturns } from './end-statements.ts'

/** An attempt by the numbers that name it. */
export interface AttemptKey {
  id: number
  attempt: number
}

/**
 * Gives the node's claims a new number and returns it; undefined when this incarnation may not claim any more. A claim
 * still in flight under the old number holds the node's row and is waited for, or meets the new number and takes nothing:
 * from here on the rows say everything that was ever claimed. To be called after any error on a claim, before the next.
 */
export async function raiseClaimSession(
  sql: Sql,
  { node, incarnation }: { node: string; incarnation: string },
): Promise<number | undefined> {
  const rows = await sql<{ session: number }[]>`
    update node set claim_session = claim_session + 1
    where name = ${node} and incarnation = ${incarnation} and not lost and deleted_at is null
    returning claim_session as session`
  return rows[0]?.session
}

/** What a comparison of rows and memory found. */
export interface Reconciliation {
  /** Attempts that the rows gave to this incarnation and it knows nothing of: they are back in the queue. */
  returned: readonly AttemptKey[]
  /** Attempts that the memory holds and the rows do not give to this incarnation (any more). */
  foreign: readonly AttemptKey[]
}

const LOST_ANSWER = 'The answer to its claim was lost, so it never began.'

/**
 * Compares the rows of an incarnation with what its process holds. Only while no claim of it is in flight: then whatever
 * the rows give it and it does not hold was claimed by a statement whose answer never came, and goes back to the queue as
 * never started. `held` is what it held before this was called; attempts that ended meanwhile may be among `foreign`.
 */
export async function reconcile(sql: Sql, incarnation: string, held: readonly AttemptKey[]): Promise<Reconciliation> {
  const rows = await readRunning(sql, incarnation)
  const inRows = new Map(rows.map(({ id, attempt }) => [id, attempt]))
  const inMemory = new Map(held.map(({ id, attempt }) => [id, attempt]))
  const unknown = rows.filter(({ id, attempt }) => inMemory.get(id) !== attempt)
  const foreign = held.filter(({ id, attempt }) => inRows.get(id) !== attempt)
  if (unknown.length > 0) await writeReturns(sql, incarnation, unknown.map(toReturn))
  return { returned: unknown, foreign }
}

function toReturn({ id, attempt }: AttemptKey): ReturnRow {
  return { id, attempt, outcome: 'NotStarted', cause: LOST_ANSWER }
}

async function readRunning(sql: Sql, incarnation: string): Promise<AttemptKey[]> {
  return await sql<AttemptKey[]>`
    select id, attempt from task where incarnation = ${incarnation} and state in ('Executing', 'Cancelling') order by id`
}

/** One of an incarnation's attempts that is to be stopped. */
export interface CancelledAttempt extends AttemptKey {
  by: string | null
  /** Set when it was not a person who asked. */
  cause: string | null
}

/** Those of the incarnation's attempts that are Cancelling. */
export async function readCancelled(sql: Sql, incarnation: string): Promise<CancelledAttempt[]> {
  return await sql<CancelledAttempt[]>`
    select id, attempt, cancel_by as by, cause from task where incarnation = ${incarnation} and state = 'Cancelling'`
}
