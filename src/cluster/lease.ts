import type { Timings } from './timings.ts'

/**
 * What the heart knows of its own lease. Time here is `Clock.monotonicMs()`. Trust is counted from before a beat was sent,
 * and for less than the database granted, so it ends here before anybody may act on the node's silence.
 */
export interface Lease {
  /** True while the node may claim, lead and answer its ping with 200. */
  isTrusted(): boolean
  /** The moment the last successful beat was sent; -Infinity before the first. */
  lastBeatSentMs(): number
  /**
   * The file in which the heart keeps, for the guards of attempts, the moment (seconds of CLOCK_BOOTTIME, as in
   * /proc/uptime) at which the last trusted beat was sent.
   */
  readonly leaseFile: string
}

/**
 * What a node believes of its own lease is shorter than the lease by a fifth, at least a heartbeat: room for clocks that
 * run at different speeds and for whatever was begun a moment before the trust ended.
 */
export function trustDurationMs(timings: Pick<Timings, 'heartbeatIntervalMs' | 'leaseDurationMs'>): number {
  return timings.leaseDurationMs - Math.max(timings.leaseDurationMs / 5, timings.heartbeatIntervalMs)
}

const SECONDS_WIDTH = 15

/**
 * The lease file's one line: seconds of CLOCK_BOOTTIME with two decimals, a blank, the incarnation. Always of the same
 * length, so that it can be written in place. Zero seconds: this incarnation is over, its attempts must end at once.
 */
export function leaseLine(bootSeconds: number, incarnation: string): string {
  return `${bootSeconds.toFixed(2).padStart(SECONDS_WIDTH, '0')} ${incarnation}\n`
}
