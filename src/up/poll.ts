import { systemClock } from '../lib/clock.ts'

/** Asks `condition` every `everyMs` until it holds; false when it has not within `timeoutMs`. Rejects when `signal` fires. */
export async function pollUntil(
  condition: () => boolean | Promise<boolean>,
  { timeoutMs, everyMs = 20, signal }: { timeoutMs: number; everyMs?: number; signal?: AbortSignal | undefined },
): Promise<boolean> {
  const end = systemClock.monotonicMs() + timeoutMs
  for (;;) {
    if (await condition()) return true
    if (systemClock.monotonicMs() >= end) return false
    await systemClock.sleep(everyMs, signal)
  }
}
