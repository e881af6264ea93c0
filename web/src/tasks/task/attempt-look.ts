import { lookOf, STATES, type StateName } from '../../parts/states.ts'

const OWN: Record<string, { state: StateName; word: string }> = {
  NotStarted: { state: 'Never', word: 'Not started' },
  HandedBack: { state: 'Info', word: 'Handed back' },
}

/** How an attempt's outcome is shown; without one it still runs. */
export function lookOfAttempt(outcome: string | null): { state: StateName; word: string } {
  if (outcome === null) return { state: 'Executing', word: lookOf('Executing').word }
  const state = Object.keys(STATES).find((name): name is StateName => name === outcome)
  return OWN[outcome] ?? { state: state ?? 'Info', word: lookOf(outcome).word }
}
