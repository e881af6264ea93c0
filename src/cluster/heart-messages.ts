import type { BeatReport, Vitals } from './heart.ts'
import type { HeartbeatOptions } from './heartbeat.ts'

/** What the main thread gives the heart's thread to begin with. */
export interface HeartInput extends HeartbeatOptions {
  leaseFile: string
  logLevel: string
  memory: SharedArrayBuffer
}

/** From the main thread to the heart. */
export type HeartRequest = { ask: 'say'; vitals: Vitals } | { ask: 'goodbye' } | { ask: 'stop' }

/** From the heart to the main thread. */
export type HeartMessage =
  | { tell: 'beat'; report: BeatReport }
  | { tell: 'end'; sentence: string }
  | { tell: 'done'; ask: 'goodbye' | 'stop'; fault?: string }
