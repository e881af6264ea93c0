import { systemClock } from '../lib/clock.ts'

/** One Ctrl-C under npm arrives twice: from the terminal, and passed on by npm. */
const SAME_WISH_MS = 400

/** The operator's wish to stop: `stop` fires with the first SIGINT, SIGTERM or SIGHUP, `hurry` with the next one. */
export interface StopSignals {
  stop: AbortSignal
  hurry: AbortSignal
  release(): void
}

export function listenForStop(): StopSignals {
  const stop = new AbortController()
  const hurry = new AbortController()
  let firstMs = 0
  const onSignal = () => {
    const nowMs = systemClock.monotonicMs()
    if (!stop.signal.aborted) {
      firstMs = nowMs
      stop.abort()
    } else if (nowMs - firstMs > SAME_WISH_MS) {
      hurry.abort()
    }
  }
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of names) process.on(name, onSignal)
  return {
    stop: stop.signal,
    hurry: hurry.signal,
    release() {
      for (const name of names) process.off(name, onSignal)
    },
  }
}

/** Resolves when the signal fires. */
export function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
