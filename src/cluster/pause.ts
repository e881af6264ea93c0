import type { Sql, Transaction } from '../database/connect.ts'
import type { Actor } from '../identity/actor.ts'
import { recordEvent } from '../identity/audit.ts'
import { only } from '../lib/must.ts'
import { checkReason } from './reason.ts'
import { inTransaction, sendHints } from './transaction.ts'

/**
 * Pauses the whole queue: once this has resolved nothing starts on any node; what runs goes on, and pings stay as they
 * are. While it is paused already, only the reason is changed.
 */
export async function pauseQueue(sql: Sql, actor: Actor, reason?: string | null): Promise<void> {
  const why = checkReason(reason) ?? null
  await inTransaction(sql, async (tx) => {
    const before = await lockPause(tx)
    if (before.paused && before.pause_reason === why) return
    await tx`
      update cluster
      set paused = true, pause_reason = ${why}, paused_by = case when paused then paused_by else ${actor.username} end,
          paused_at = case when paused then paused_at else clock_timestamp() end`
    const message = `The queue ${before.paused ? 'stays' : 'was'} paused${why === null ? '' : `: ${why}`}.`
    await recordEvent(tx, {
      category: 'QueuePaused',
      message,
      actor,
      related: [],
      before: { IsPaused: before.paused, PauseReason: before.pause_reason },
      after: { IsPaused: true, PauseReason: why },
    })
    await sendHints(tx, ['queue', 'node'])
  })
}

/** Lets the queue go on, in its order. Nothing is changed when it is not paused. */
export async function resumeQueue(sql: Sql, actor: Actor): Promise<void> {
  await inTransaction(sql, async (tx) => {
    const before = await lockPause(tx)
    if (!before.paused) return
    await tx`
      update cluster set paused = false, pause_reason = null, paused_by = null, paused_at = null, resumed_at = clock_timestamp()`
    await recordEvent(tx, {
      category: 'QueueResumed',
      message: 'The queue was resumed.',
      actor,
      related: [],
      before: { IsPaused: true, PauseReason: before.pause_reason },
      after: { IsPaused: false },
    })
    await sendHints(tx, ['queue', 'node'])
  })
}

/** Waits for open claims, which hold the row FOR SHARE. */
async function lockPause(tx: Transaction): Promise<{ paused: boolean; pause_reason: string | null }> {
  return only(
    await tx<{ paused: boolean; pause_reason: string | null }[]>`select paused, pause_reason from cluster for update`,
  )
}
