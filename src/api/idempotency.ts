import type { FastifyRequest } from 'fastify'
import type { Sql, Transaction } from '../database/connect.ts'
import { Refusal } from '../lib/errors.ts'
import { only } from '../lib/must.ts'

/** A request that may be a repetition of one whose answer was lost. */
export interface Repeatable {
  userId: number
  /** The request's `Idempotency-Key`; without one every request is its own. */
  key: string | undefined
  /** What is done, such as `create user`: a key belongs to one of these. */
  operation: string
}

/** The request's `Idempotency-Key`. Refuses with BadRequest one that is not 1 to 200 printable characters. */
export function idempotencyKey(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key === 'string' && /^[\x20-\x7e]{1,200}$/.test(key)) return key
  throw new Refusal('BadRequest', 'The header Idempotency-Key must have 1 to 200 printable characters.')
}

/**
 * Runs `create` in a transaction, unless the same user's same key of the last 24 hours has already created something on any
 * node: then its id is returned and nothing is done. `create` returns the id of what it made. A repetition that comes while
 * the first is still at work waits for it.
 */
export function createOnce(
  sql: Sql,
  repeatable: Repeatable,
  create: (tx: Transaction) => Promise<string>,
): Promise<{ id: string; isRepeat: boolean }> {
  return sql.begin(async (tx) => {
    const { userId, key, operation } = repeatable
    if (key === undefined) return { id: await create(tx), isRepeat: false }
    if (!(await takeKey(tx, userId, key, operation)))
      return { id: await readFirstResult(tx, { userId, key, operation }), isRepeat: true }
    const id = await create(tx)
    await tx`update idempotency set result = ${id} where user_id = ${userId} and key = ${key}`
    return { id, isRepeat: false }
  })
}

/** True when the key is new or a day old, and then it is ours until the transaction ends. */
async function takeKey(tx: Transaction, userId: number, key: string, operation: string): Promise<boolean> {
  const { count } = await tx`
    insert into idempotency (user_id, key, operation, result) values (${userId}, ${key}, ${operation}, '')
    on conflict (user_id, key) do update set operation = excluded.operation, result = '', created_at = clock_timestamp()
      where idempotency.created_at < clock_timestamp() - interval '24 hours'`
  return count === 1
}

async function readFirstResult(
  tx: Transaction,
  { userId, key, operation }: { userId: number; key: string; operation: string },
): Promise<string> {
  const first = only(
    await tx<
      { operation: string; result: string }[]
    >`select operation, result from idempotency where user_id = ${userId} and key = ${key}`,
  )
  if (first.operation === operation) return first.result
  throw new Refusal(
    'Conflict',
    `This Idempotency-Key was used for something else (${first.operation}). Send a new key with each new request.`,
  )
}
