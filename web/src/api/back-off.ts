/** How long to wait before the next try after so many failures (0 after the first), in ms. Spread by half to both sides, so that many tabs that lost the same node do not come back together; `random` is from 0 to 1. */
export function backOffMs(failures: number, random: number, steps: readonly number[]): number {
  const step = steps[Math.min(failures, steps.length - 1)] ?? 0
  return Math.round(step * (0.5 + random))
}

/** Between tries to open the event stream. */
export const STREAM_STEPS = [600, 1200, 2500, 5000, 10_000, 15_000] as const

/** Between reads while nothing answers. The first failure may have been that of one node only. */
export const READ_STEPS = [0, 400, 800, 1600, 3200, 5000] as const
