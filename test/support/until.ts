import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until the condition holds, looking every 50 ms; rejects after `ms`, saying what it waited for. */
export async function until<T>(what: string, condition: () => Promise<T> | T, ms = 15_000): Promise<NonNullable<T>> {
  const end = Date.now() + ms
  for (;;) {
    const value = await condition()
    if (value !== false && value !== null && value !== undefined) return value
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`)
    await sleep(50)
  }
}
