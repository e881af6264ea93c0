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
