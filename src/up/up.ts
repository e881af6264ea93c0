import { isAbort, messageOf } from '../lib/errors.ts'
import { describeCluster } from './banner.ts'
import { startLocalCluster } from './local-cluster.ts'
import { fired, listenForStop } from './stop-signals.ts'
import { createTeller } from './teller.ts'
import type { UpOptions } from './up-options.ts'

/**
 * Runs a whole cluster on this machine until SIGINT, SIGTERM or SIGHUP: PostgreSQL, the nodes, and one address for them.
 * Resolves with the exit code: 0 after an orderly stop; 1, with a sentence on standard error, when it could not start or
 * has lost its database for good; 130 when a second signal cut the stop short. Nothing is left running in any case.
 */
export async function runUp(options: UpOptions): Promise<number> {
  // A terminal that was closed must not end this process before the nodes are stopped.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  const teller = createTeller((text) => process.stdout.write(text))
  const signals = listenForStop()
  const undo: (() => Promise<void>)[] = []
  let code = 0
  try {
    const cluster = await startLocalCluster(options, { teller, signals, undo })
    teller.step('Cluster ready')
    teller.print(describeCluster(cluster))
    const lost = await Promise.race([fired(signals.stop), cluster.databaseLost])
    if (lost !== undefined) throw new Error(lost)
  } catch (error) {
    if (!(signals.stop.aborted && isAbort(error))) {
      code = 1
      process.stderr.write(`tako up: ${messageOf(error)}\n`)
    }
  }
  for (const step of undo.reverse()) {
    // What cannot be ended must not keep the rest from ending.
    await step().catch((error: unknown) => process.stderr.write(`tako up: ${messageOf(error)}\n`))
  }
  signals.release()
  return signals.hurry.aborted ? 130 : code
}
