import type { StopSignals } from './stop-signals.ts'
import type { Teller } from './teller.ts'

/** What a start works with. What it starts puts its own end on top of `undo`. */
export interface Surroundings {
  teller: Teller
  signals: StopSignals
  undo: (() => Promise<void>)[]
}
