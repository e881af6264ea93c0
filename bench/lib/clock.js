import { setTimeout as delay } from 'node:timers/promises'

export const sleep = (ms) => delay(ms)

/** Milliseconds of CLOCK_MONOTONIC: comparable between the processes of one machine. */
export const now = () => Number(process.hrtime.bigint()) / 1e6

/** Polls until the condition holds; throws with `what` when it does not in time. */
export async function until(what, condition, { seconds = 120, everyMs = 5 } = {}) {
  const end = now() + seconds * 1000
  while (!(await condition())) {
    if (now() > end) throw new Error(`not within ${seconds} s: ${what}`)
    await sleep(everyMs)
  }
}
