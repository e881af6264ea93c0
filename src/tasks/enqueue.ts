import type { Timings } from '../cluster/timings.ts'
import type { Queryable, Sql, Transaction } from '../database/connect.ts'
import { HINT_CHANNEL, hintText } from '../database/hints.ts'
import type { Actor } from '../identity/actor.ts'
import { recordEvent } from '../identity/audit.ts'
import { Refusal } from '../lib/errors.ts'
import { must, only } from '../lib/must.ts'
import { cleanText } from '../lib/text.ts'
import { type Kind, type KindRegistry, tagOf } from './kind.ts'
import { taskId } from './task-row.ts'

/** A task that is asked for. */
export interface TaskWish {
  kind: string
  /** As the kind's `parse` returned them. */
  arguments: unknown
  /** By default the kind's own words. */
  description?: string
  /** `Spaces-1`, or null for a system task. */
  space: string | null
  /** Not before this moment; one that has passed means now, so that nobody gets ahead by it. */
  queueTime?: Date
  /** How long it may wait, counted from the later of its queue time and its last return to the queue. */
  expiryMs?: number
  /** Higher goes first; 0 by default. */
  priority?: number
  timeLimitMs?: number
  createdBy?: string
  /** Whoever asked: then the audit trail tells of it, in the same transaction. */
  actor?: Actor
  rerunOf?: number
  /** Set for the re-run of an attempt that was lost with its node: there is only one. */
  rerunAttempt?: number
  job?: string
  jobDue?: Date
  /** Of a request that may be repeated: the first task is returned again. */
  idempotency?: { userId: number; key: string }
}

/** Queues a task and returns its id; with an idempotency key that was used within 24 h, the id of the first. */
export async function enqueueTask(
  sql: Queryable,
  registry: KindRegistry,
  timings: Timings,
  wish: TaskWish,
): Promise<number> {
  return (await enqueueOnce(sql, registry, timings, wish)).id
}

/** The same, and whether the task had been made by an earlier request with the same key. */
export async function enqueueOnce(
  sql: Queryable,
  registry: KindRegistry,
  timings: Timings,
  wish: TaskWish,
): Promise<{ id: number; isRepeat: boolean }> {
  const kind = registry.find(wish.kind)
  if (!kind) throw new Refusal('BadRequest', `There is no kind of task named "${wish.kind}".`)
  const { idempotency, actor } = wish
  if (!idempotency && !actor) return { id: await insertTask(sql, kind, timings, wish), isRepeat: false }
  const act = async (tx: Transaction) => {
    const first = idempotency && (await claimKey(tx, idempotency))
    if (first !== undefined) return { id: first, isRepeat: true }
    const id = await insertTask(tx, kind, timings, wish)
    if (idempotency)
      await tx`update idempotency set result = ${String(id)} where user_id = ${idempotency.userId} and key = ${idempotency.key}`
    if (actor) await recordCreation(tx, id, kind, actor)
    return { id, isRepeat: false }
  }
  return 'begin' in sql ? await (sql as Sql).begin(act) : await act(sql as Transaction)
}

async function recordCreation(tx: Transaction, id: number, kind: Kind, actor: Actor): Promise<void> {
  await recordEvent(tx, {
    category: 'Created',
    message: `The task ${taskId(id)} (${kind.name}) was queued by ${actor.username}.`,
    actor,
    related: [taskId(id)],
    after: { State: 'Queued', Name: kind.name },
  })
}

/**
 * Takes the key, or returns the task that was made with it. A second request with the key waits here for the first one's
 * transaction. A key older than 24 h is free again.
 */
async function claimKey(
  tx: Transaction,
  { userId, key }: { userId: number; key: string },
): Promise<number | undefined> {
  const taken = await tx<{ result: string }[]>`
    insert into idempotency as i (user_id, key, operation, result) values (${userId}, ${key}, 'task', '')
    on conflict (user_id, key) do update set created_at = clock_timestamp(), operation = 'task', result = ''
      where i.created_at < clock_timestamp() - interval '24 hours'
    returning result`
  if (taken.length > 0) return undefined
  const { operation, result } = only(
    await tx<{ operation: string; result: string }[]>`
      select operation, result from idempotency where user_id = ${userId} and key = ${key}`,
  )
  if (operation === 'task') return Number(must(result))
  throw new Refusal(
    'Conflict',
    'This Idempotency-Key was used for another kind of request within the last 24 hours. Use a new key.',
  )
}

async function insertTask(sql: Queryable, kind: Kind, timings: Timings, wish: TaskWish): Promise<number> {
  const parsed = wish.arguments ?? {}
  const expiryMs = wish.expiryMs ?? timings.queueExpiryMs
  const description = cleanText(wish.description ?? kind.describe(parsed)).slice(0, 2000)
  const rows = await sql<{ id: number }[]>`
    with wish as materialized (
      select greatest(${wish.queueTime ?? null}::timestamptz, now.at) as queue_time, now.at from (select clock_timestamp() as at) now
    ), queued as (
      insert into task (kind, space, description, arguments, rank, queue_time, due, queued_since, expiry_ms, expires_at, when_lost,
        task_lease_ms, leader_only, tag, time_limit_ms, created_by, rerun_of, rerun_attempt, job, job_due)
      select ${kind.name}, ${wish.space}, ${description}, ${sql.json(cleanJson(parsed) as never)}, ${-(wish.priority ?? 0)}, queue_time, queue_time <= at, greatest(queue_time, at),
        ${expiryMs}, greatest(queue_time, at) + ${expiryMs} * interval '1 ms', ${kind.whenLost}, ${timings.taskLeaseMs[kind.whenLost]},
        ${kind.runsOn === 'leader'}, ${tagOf(kind, parsed) ?? null}, ${wish.timeLimitMs ?? null}, ${wish.createdBy ?? null},
        ${wish.rerunOf ?? null}, ${wish.rerunAttempt ?? null}, ${wish.job ?? null}, ${wish.jobDue ?? null}
      from wish
      returning id)
    select id, pg_notify(${HINT_CHANNEL}, ${hintText('queue')}), pg_notify(${HINT_CHANNEL}, ${hintText('task')} || ':' || id) from queued`
  return only(rows).id
}

/** What JSON may hold and PostgreSQL's jsonb refuses is replaced, as in every text. */
function cleanJson(value: unknown): unknown {
  const text = JSON.stringify(value)
  if (!/\\u(0000|d[89a-f])/i.test(text)) return value
  return JSON.parse(text, (_, part: unknown) => (typeof part === 'string' ? cleanText(part) : part))
}
