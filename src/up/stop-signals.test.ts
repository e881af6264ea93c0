import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { fired, listenForStop } from './stop-signals.ts'

test('the first signal asks to stop, a later one to hurry; one Ctrl-C that arrives twice is one', async () => {
  const signals = listenForStop()
  try {
    process.kill(process.pid, 'SIGHUP')
    process.kill(process.pid, 'SIGINT')
    await fired(signals.stop)
    await delay(50)
    expect(signals.hurry.aborted).toBe(false)
    await delay(450)
    process.kill(process.pid, 'SIGTERM')
    await fired(signals.hurry)
  } finally {
    signals.release()
  }
  expect(process.listenerCount('SIGHUP')).toBe(0)
})
