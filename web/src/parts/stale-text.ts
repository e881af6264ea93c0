import { agoText } from './dates.ts'

/** So long an interruption may last before it is told of. */
const PATIENCE_MS = 3000

/** What there is to know of the way to the cluster; all in ms of one clock. */
export interface Liveness {
  /** Since when the event stream is down. */
  downSince: number | undefined
  /** Since when requests fail. */
  silentSince: number | undefined
  lastAnswerAt: number | undefined
  now: number
}

/** How old the data are, such as `data of 14 s ago`; undefined while they follow the cluster or have stopped only just now. */
export function staleText({ downSince, silentSince, lastAnswerAt, now }: Liveness): string | undefined {
  const since = Math.min(downSince ?? Number.POSITIVE_INFINITY, silentSince ?? Number.POSITIVE_INFINITY)
  if (now - since < PATIENCE_MS || since === Number.POSITIVE_INFINITY) return undefined
  return lastAnswerAt === undefined ? 'no data yet' : `data of ${agoText(Math.min(lastAnswerAt, now), now)}`
}
