import type { Clock } from './clock.ts'
import { isAbort } from './errors.ts'
import type { Log } from './log.ts'

/** How a loop waits between passes: `everyMs` after a good pass, growing from `everyMs` to `maxBackoffMs` after failures. */
export interface LoopOptions {
  name: string
  everyMs: number
  maxBackoffMs?: number
  signal: AbortSignal
  clock: Clock
  log: Log
}

/** A running loop: `wake()` cuts the present wait short; `done` settles when the loop has ended, and never rejects. */
export interface Loop {
  wake(): void
  readonly done: Promise<void>
}

/**
 * Runs `once` over and over until the signal fires. Passes never overlap: the next wait begins when a pass has ended. A
 * failing pass is logged, quietly at first and louder as the wait grows, and never ends the loop. A pass may return the
 * number of milliseconds to wait instead of `everyMs`.
 */
export function startLoop(options: LoopOptions, once: (signal: AbortSignal) => Promise<unknown>): Loop {
  const waker = createWaker()
  return { wake: waker.wake, done: runPasses(options, once, waker) }
}

async function runPasses(
  options: LoopOptions,
  once: (signal: AbortSignal) => Promise<unknown>,
  waker: Waker,
): Promise<void> {
  const { signal, clock, everyMs, maxBackoffMs = 30_000 } = options
  let failures = 0
  // The caller gets its loop before the first pass, which may already want to wake it.
  await Promise.resolve()
  while (!signal.aborted) {
    let waitMs = everyMs
    try {
      const wished = await once(signal)
      waitMs = typeof wished === 'number' ? wished : everyMs
      failures = 0
    } catch (error) {
      if (signal.aborted || isAbort(error)) break
      failures += 1
      waitMs = Math.min(maxBackoffMs, Math.max(everyMs, 50) * 2 ** Math.min(failures - 1, 10))
      report(options, error, waitMs)
    }
    await waker.wait(waitMs, signal, clock)
  }
}

/** A blip pages nobody: the level grows with the wait that the failures have brought about. */
function report({ name, log }: LoopOptions, error: unknown, waitMs: number): void {
  const level = waitMs < 1000 ? 'info' : waitMs < 6500 ? 'warn' : 'error'
  log[level]({ loop: name, err: error, waitMs }, `${name} failed, trying again`)
}

interface Waker {
  wake(): void
  wait(ms: number, signal: AbortSignal, clock: Clock): Promise<void>
}

/** A wait that can be cut short. A wake that comes while nobody waits is kept for the next wait. */
function createWaker(): Waker {
  let woken = false
  let current: AbortController | undefined
  return {
    wake() {
      woken = true
      current?.abort()
    },
    async wait(ms, signal, clock) {
      if (!woken && ms > 0 && !signal.aborted) {
        // One listener, taken off again: `AbortSignal.any` would leave a dependent signal behind for every wait.
        const controller = new AbortController()
        const stop = () => controller.abort()
        signal.addEventListener('abort', stop, { once: true })
        current = controller
        await clock.sleep(ms, controller.signal).catch((error: unknown) => {
          if (!isAbort(error)) throw error
        })
        current = undefined
        signal.removeEventListener('abort', stop)
      }
      woken = false
    },
  }
}
