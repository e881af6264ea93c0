/** One reading of all beat counters, over one database session. */
export interface Reading {
  /** Names the database session. */
  session: string
  /** `Clock.monotonicMs()` before the reading was asked for, and after it was answered. */
  askedMs: number
  answeredMs: number
  beats: readonly { incarnation: string; beat: number }[]
}

/** For how long an incarnation's beat counter was seen to stand still. */
export interface Silence {
  incarnation: string
  stillMs: number
}

/**
 * Counts, by this process's own clock, how long beat counters stand still. It may only delay a verdict: a count runs from
 * the answer that first showed the value to the asking of the last that still did, so it is never longer than the counter
 * really stood still; and all counts begin anew with another session (a restart, a failover) and after a gap between two
 * readings (this process was frozen, or the database was, when nobody could beat).
 */
export interface Observer {
  read(reading: Reading): void
  /** Every incarnation of the last reading. */
  silence(): readonly Silence[]
  stillMs(incarnation: string): number
  /**
   * Whether nothing was heard of an incarnation for `leaseMs`: undefined when this observer has neither counted that long
   * nor seen the counter move.
   */
  isSilent(incarnation: string, leaseMs: number): boolean | undefined
}

interface Count {
  beat: number
  sinceMs: number
  lastMs: number
  /** Seen to move since the counts began. */
  hasMoved: boolean
}

/** `maxGapMs`: the longest time between two readings after which counts go on. */
export function createObserver(maxGapMs: number): Observer {
  let session: string | undefined
  let lastAnsweredMs = 0
  let counts = new Map<string, Count>()
  const stillMs = (incarnation: string) => {
    const count = counts.get(incarnation)
    return count === undefined ? 0 : Math.max(0, count.lastMs - count.sinceMs)
  }
  return {
    read(reading) {
      const isUnbroken = reading.session === session && reading.answeredMs - lastAnsweredMs <= maxGapMs
      const known = isUnbroken ? counts : new Map<string, Count>()
      counts = new Map(
        reading.beats.map(({ incarnation, beat }) => [incarnation, next(known.get(incarnation), beat, reading)]),
      )
      session = reading.session
      lastAnsweredMs = reading.answeredMs
    },
    silence: () => [...counts.keys()].map((incarnation) => ({ incarnation, stillMs: stillMs(incarnation) })),
    stillMs,
    isSilent(incarnation, leaseMs) {
      if (stillMs(incarnation) >= leaseMs) return true
      return counts.get(incarnation)?.hasMoved ? false : undefined
    },
  }
}

function next(known: Count | undefined, beat: number, { askedMs, answeredMs }: Reading): Count {
  if (known?.beat === beat) return { ...known, lastMs: askedMs }
  return { beat, sinceMs: answeredMs, lastMs: answeredMs, hasMoved: known !== undefined }
}
