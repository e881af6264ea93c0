/** When a main thread that stands still is reported, and when the node must end. */
export interface StallLimits {
  warnAfterMs: number
  dieAfterMs: number
}

export const defaultStallLimits: StallLimits = { warnAfterMs: 5000, dieAfterMs: 30_000 }

/** What the heart sees at one of its ticks. */
export interface StallSample {
  atMs: number
  /** Counters of the main thread's turns and of its completed database round trips. */
  turns: bigint
  roundTrips: bigint
  /** The heart's own beats succeed at present. */
  isBeating: boolean
}

export interface StallVerdict {
  /** `warn`: the node must claim nothing. `die`: the process must end. */
  state: 'well' | 'warn' | 'die'
  /** A sentence for the operator, unless all is well. */
  warning?: string
}

/**
 * Watches the main thread from the heart's. Only time in which the watch itself ticked counts: after a gap in its own
 * ticks (a frozen process, a suspended machine) it begins anew, since the main thread could not run either and its timer
 * may merely fire later than ours. A main thread without round trips is only to blame while the heart's own succeed.
 */
export function createStallWatch(tickMs: number, limits: StallLimits): (sample: StallSample) => StallVerdict {
  let last: StallSample | undefined
  let withoutTurnMs = 0
  let withoutRoundTripMs = 0
  return (sample) => {
    const elapsed = last ? sample.atMs - last.atMs : 0
    const hasGap = elapsed > 3 * tickMs
    withoutTurnMs = hasGap || sample.turns !== last?.turns ? 0 : withoutTurnMs + elapsed
    const movedOn = hasGap || sample.roundTrips !== last?.roundTrips
    withoutRoundTripMs = movedOn ? 0 : withoutRoundTripMs + (sample.isBeating ? elapsed : 0)
    last = sample
    return verdict(withoutTurnMs, withoutRoundTripMs, limits)
  }
}

function verdict(withoutTurnMs: number, withoutRoundTripMs: number, limits: StallLimits): StallVerdict {
  const worst = Math.max(withoutTurnMs, withoutRoundTripMs)
  if (worst < limits.warnAfterMs) return { state: 'well' }
  const seconds = Math.floor(worst / 1000)
  const what =
    withoutTurnMs >= withoutRoundTripMs
      ? `The node's main thread has not turned for ${seconds} s`
      : `The node's main thread has completed no database round trip for ${seconds} s although its heartbeats succeed`
  const next = `it claims nothing, and ends itself after ${Math.floor(limits.dieAfterMs / 1000)} s`
  return { state: worst >= limits.dieAfterMs ? 'die' : 'warn', warning: `${what}: ${next}.` }
}
