/**
 * Counts, by this process's own clock, for how long incarnations have had no row of beats. Like the observer of beats it
 * may only delay a verdict: after a gap between two looks (a frozen process, a database that was away) counts begin anew.
 */
export interface Absence {
  /** What was found missing by a look asked for at `askedMs`; returns for how long each has been. */
  note(missing: readonly string[], askedMs: number): Map<string, number>
}

interface Count {
  sinceMs: number
  lastMs: number
}

/** `maxGapMs`: the longest time between two looks after which counts go on. */
export function createAbsence(maxGapMs: number): Absence {
  let counts = new Map<string, Count>()
  let lastLookMs = Number.NEGATIVE_INFINITY
  return {
    note(missing, askedMs) {
      const known = askedMs - lastLookMs <= maxGapMs ? counts : new Map<string, Count>()
      lastLookMs = askedMs
      counts = new Map(
        missing.map((incarnation) => [
          incarnation,
          { sinceMs: known.get(incarnation)?.sinceMs ?? askedMs, lastMs: askedMs },
        ]),
      )
      return new Map([...counts].map(([incarnation, { sinceMs, lastMs }]) => [incarnation, lastMs - sinceMs]))
    },
  }
}
