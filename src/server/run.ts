import { checkTimings } from '../cluster/timings.ts'
import { surviveDriverFaults } from '../database/driver-faults.ts'
import { ConfigurationError, isAbort, messageOf } from '../lib/errors.ts'
import { createLog } from '../lib/log.ts'
import { type RunningNode, startNode } from './node.ts'
import { readServerOptions, type ServerOptions, serverHelp } from './options.ts'
import { productJobs, productKinds } from './product.ts'

/**
 * `tako server`: runs a node until it is told to stop; returns the exit code. 0 after an orderly stop, also when a second
 * signal cut it short in order; 1, with one sentence, for what cannot work.
 */
export async function runServer(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(serverHelp())
    return 0
  }
  try {
    const options = readServerOptions(argv, process.env)
    checkTimings(options.timings)
    return await runNode(options)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    process.stderr.write(`tako server: ${error.message}\n`)
    return 1
  }
}

async function runNode(options: ServerOptions): Promise<number> {
  const log = createLog(options.logLevel, { node: options.name })
  surviveDriverFaults(log)
  const signals = listenForSignals(options)
  const starting = startNode({ options, kinds: productKinds, jobs: productJobs, log, onPassword: printPassword })
  const node = await Promise.race([starting, signals.first.then(() => undefined)])
  if (!node) return await stopWhileStarting(starting, signals.second)
  const reason = await Promise.race([signals.first.then(() => 'asked' as const), node.ended])
  log.info({ reason: reason instanceof Error ? messageOf(reason) : 'in order' }, 'stopping')
  await node.stop(signals.second)
  log.info('stopped')
  return reason instanceof Error ? 1 : 0
}

async function stopWhileStarting(starting: Promise<RunningNode>, hurry: AbortSignal): Promise<number> {
  const timeout = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), 5000).unref()
  })
  const node = await Promise.race([
    starting.catch((error: unknown) => (isAbort(error) ? undefined : Promise.reject(error))),
    timeout,
  ])
  await node?.stop(hurry)
  return 0
}

interface Signals {
  /** Resolves with the first request to stop. */
  first: Promise<void>
  /** Fires with the second. */
  second: AbortSignal
}

/** SIGTERM and SIGINT; a third one ends the process on the spot. Also the end of standard input, where that is asked for. */
function listenForSignals({ stopOnStdinEnd }: ServerOptions): Signals {
  const hurry = new AbortController()
  let count = 0
  let resolveFirst = () => {}
  const first = new Promise<void>((resolve) => {
    resolveFirst = resolve
  })
  const onSignal = () => {
    count += 1
    if (count === 1) resolveFirst()
    else if (count === 2) hurry.abort()
    else process.exit(1)
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  if (stopOnStdinEnd) {
    process.stdin.resume().once('end', onSignal).once('error', onSignal)
    // A pipe that the supervisor keeps open must not keep the stopped process alive.
    process.stdin.unref()
  }
  return { first, second: hurry.signal }
}

/** Shown once: nobody can read it again. */
function printPassword(username: string, password: string): void {
  process.stderr.write(
    `The first user is ${username}, with the password ${password} (shown only now; change it after signing in).\n`,
  )
}
