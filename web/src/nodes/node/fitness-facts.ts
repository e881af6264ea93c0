import type { Node } from '../../api/wire.ts'
import { bytesText } from './bytes-text.ts'

type Fitness = NonNullable<Node['Fitness']>

/** One measure of a machine's fitness. */
export interface FitnessFact {
  name: string
  value: string
  /** What is wrong with it, in sentences. */
  warnings: string[]
}

const MEASURES: readonly {
  name: string
  value: (fitness: Fitness) => string
  /** How the server's sentence about it is known. */
  warning: RegExp
}[] = [
  {
    name: 'Event loop lag',
    value: ({ EventLoopLagMs }) => millisecondsText(EventLoopLagMs),
    warning: /event loop/i,
  },
  {
    name: 'Database round trip',
    value: ({ DatabaseRoundTripMs }) => millisecondsText(DatabaseRoundTripMs),
    warning: /the database takes/i,
  },
  {
    name: 'Clock difference',
    value: ({ ClockDifferenceMs }) => clockText(ClockDifferenceMs),
    warning: /clock is/i,
  },
  {
    name: 'Shared folder',
    value: ({ SharedFolderFreeBytes: free }) => (free === null ? 'Does not answer' : `${bytesText(free)} free`),
    warning: /shared folder/i,
  },
]

/** What a machine says of itself, each measure with its own warnings; `others` are the warnings that belong to none. */
export function fitnessFacts(fitness: Fitness): { facts: FitnessFact[]; others: string[] } {
  const isAbout = (sentence: string) => MEASURES.find(({ warning }) => warning.test(sentence))
  const facts = MEASURES.map((measure) => ({
    name: measure.name,
    value: measure.value(fitness),
    warnings: fitness.Warnings.filter((sentence) => isAbout(sentence) === measure),
  }))
  return { facts, others: fitness.Warnings.filter((sentence) => !isAbout(sentence)) }
}

/** `0.4 ms`, `12 ms`, `1.2 s`. */
export function millisecondsText(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  return ms < 10 && !Number.isInteger(ms) ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
}

/** How far the machine's clock is from the database's. */
export function clockText(ms: number): string {
  if (ms === 0) return 'None'
  return `${millisecondsText(Math.abs(ms))} ${ms > 0 ? 'ahead' : 'behind'}`
}
