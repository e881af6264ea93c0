import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Clock, SECOND } from '../lib/clock.ts'
import { formatDuration } from '../lib/duration.ts'
import type { Log } from '../lib/log.ts'
import { startLoop } from '../lib/loop.ts'
import type { Heart, Vitals } from './heart.ts'
import { createSharedFolderProbe, type FolderTrial } from './shared-folder.ts'

/** How fit a node is for work, as it last said of itself. */
export interface Fitness {
  /** The longest the event loop made anybody wait since the last look. */
  eventLoopLagMs: number
  databaseRoundTripMs: number
  /** This machine's wall clock minus the database's. */
  clockDifferenceMs: number
  /** Undefined while the shared folder does not answer. */
  sharedFolderFreeBytes: number | undefined
  /** Sentences for the operator; empty when all is well. */
  warnings: readonly string[]
}

export interface FitnessOptions {
  node: string
  sharedFolder: string
  heart: Pick<Heart, 'onBeat' | 'say'>
  /** Further reasons why the node cannot claim, as sentences; empty when there are none. */
  hindrances(): readonly string[]
  clock: Clock
  log: Log
}

/** Watches the node's fitness and has the heart say it. */
export interface FitnessWatch {
  /** What was last said. */
  vitals(): Vitals
  /** Looks again at once: after a hindrance has come or gone. */
  look(): void
  stop(): Promise<void>
}

const LOOK_EVERY_MS = 2 * SECOND
/** How often the event loop is timed: ten times a second sees every lag worth a warning and costs an idle node nothing. */
const LAG_RESOLUTION_MS = 100
const FOLDER_WITHIN_MS = 5 * SECOND

/** Looks every 2 s. Resolves after the first look, when the heart knows whether the node can claim. */
export async function startFitness(options: FitnessOptions): Promise<FitnessWatch> {
  const { node, sharedFolder, heart, clock, log } = options
  const stopper = new AbortController()
  const delay = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS })
  const probe = createSharedFolderProbe(sharedFolder, node)
  const beat = { roundTripMs: 0, clockDifferenceMs: 0 }
  const offBeat = heart.onBeat(({ roundTripMs, clockDifferenceMs }) =>
    Object.assign(beat, { roundTripMs, clockDifferenceMs }),
  )
  let vitals: Vitals = vitalsOf({ lagMs: 0, ...beat }, NOT_TRIED, [])
  const look = async () => {
    const trial = await probe.try(FOLDER_WITHIN_MS)
    const lagMs = Math.max(0, delay.max / 1e6 - LAG_RESOLUTION_MS)
    delay.reset()
    vitals = vitalsOf({ lagMs, ...beat }, trial, options.hindrances())
    heart.say(vitals)
  }
  delay.enable()
  await look()
  const loop = startLoop({ name: 'fitness', everyMs: LOOK_EVERY_MS, signal: stopper.signal, clock, log }, look)
  return {
    vitals: () => vitals,
    look: () => loop.wake(),
    async stop() {
      stopper.abort()
      offBeat()
      delay.disable()
      await loop.done
    },
  }
}

const NOT_TRIED: FolderTrial = { freeBytes: undefined, totalBytes: undefined, fault: undefined }

interface Measures {
  lagMs: number
  roundTripMs: number
  clockDifferenceMs: number
}

const GIB = 1024 ** 3

/** What is worth a warning; hindrances keep the node from claiming, the rest does not. Pure. */
export function vitalsOf(measures: Measures, trial: FolderTrial, hindrances: readonly string[]): Vitals {
  const { lagMs, roundTripMs, clockDifferenceMs } = measures
  const blocking = [...hindrances, ...(trial.fault === undefined ? [] : [trial.fault])]
  const warnings = [...blocking, ...warningsOf(measures, trial)]
  return {
    canClaim: blocking.length === 0,
    fitness: {
      eventLoopLagMs: Math.round(lagMs),
      databaseRoundTripMs: Math.round(roundTripMs * 10) / 10,
      clockDifferenceMs: Math.round(clockDifferenceMs),
      sharedFolderFreeBytes: trial.freeBytes,
      warnings,
    },
  }
}

function warningsOf(
  { lagMs, roundTripMs, clockDifferenceMs }: Measures,
  { freeBytes, totalBytes }: FolderTrial,
): string[] {
  const warnings: string[] = []
  if (lagMs > 1000)
    warnings.push(`This node is overloaded: its event loop made others wait for ${formatDuration(lagMs)}.`)
  if (roundTripMs > 500) warnings.push(`The database takes ${formatDuration(roundTripMs)} to answer a heartbeat.`)
  if (Math.abs(clockDifferenceMs) > 2000) {
    const direction = clockDifferenceMs > 0 ? 'ahead of' : 'behind'
    warnings.push(`This machine's clock is ${formatDuration(Math.abs(clockDifferenceMs))} ${direction} the database's.`)
  }
  if (freeBytes !== undefined && freeBytes < Math.min(GIB, (totalBytes ?? GIB) / 20)) {
    warnings.push(`Only ${Math.floor(freeBytes / 1024 ** 2)} MiB are free in the shared folder.`)
  }
  return warnings
}
