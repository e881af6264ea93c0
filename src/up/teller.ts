import { systemClock } from '../lib/clock.ts'

/** Tells the operator, line by line, what goes on. */
export interface Teller {
  /** A step, with the seconds since the start. */
  step(sentence: string): void
  /** An event of later, with the time of day. */
  event(sentence: string): void
  /** Lines without a time. */
  print(text: string): void
}

export function createTeller(write: (text: string) => void): Teller {
  const start = systemClock.monotonicMs()
  return {
    step(sentence) {
      write(`[${((systemClock.monotonicMs() - start) / 1000).toFixed(1).padStart(5)} s] ${sentence}\n`)
    },
    event(sentence) {
      write(`[${new Date().toTimeString().slice(0, 8)}] ${sentence}\n`)
    },
    print(text) {
      write(`${text}\n`)
    },
  }
}
