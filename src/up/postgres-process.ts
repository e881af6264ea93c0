import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, statSync } from 'node:fs'
import { systemClock } from '../lib/clock.ts'
import { ConfigurationError } from '../lib/errors.ts'
import { tellsFullDisk, withFiles } from './file-fault.ts'
import { openLogFile, readLogTail } from './log-file.ts'
import type { Account } from './postgres-account.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import { type PostgresFolder, pointAt, postgresEnvironment } from './postgres-folder.ts'
import { readPostmasterFile } from './postgres-leftovers.ts'

/** A recovery after a crash may take its time; a server that says nothing for this long will not come. */
const START_LIMIT_MS = 10 * 60_000
const FAST_SHUTDOWN_MS = 30_000
const IMMEDIATE_SHUTDOWN_MS = 5_000

/** How a process ended. */
export interface ProcessEnd {
  code: number | null
  signal: NodeJS.Signals | null
}

/** A server process of ours, accepting connections. */
export interface PostgresProcess {
  pid: number
  exited: Promise<ProcessEnd>
  stop(): Promise<void>
}

export interface PostgresLaunch {
  folder: PostgresFolder
  binaries: PostgresBinaries
  account: Account | undefined
  port: number
  settings: Record<string, string>
  /** Seconds between the end of this process, should it be killed, and the shutdown of the then ownerless server. */
  orphanSeconds: number
  signal: AbortSignal | undefined
}

/** The port was taken between being chosen and being used. */
export class PortTakenError extends Error {
  override name = 'PortTakenError'
}

/** Starts the server and resolves when it accepts connections. */
export async function launchPostgres(launch: PostgresLaunch): Promise<PostgresProcess> {
  const { folder, signal } = launch
  const logFrom = existsSync(folder.log) ? statSync(folder.log).size : 0
  const child = spawnPostgres(launch)
  const exited = new Promise<ProcessEnd>((resolve) =>
    child.once('exit', (code, endSignal) => resolve({ code, signal: endSignal })),
  )
  await Promise.race([once(child, 'spawn'), once(child, 'error')])
  const { pid } = child
  if (pid === undefined)
    throw new ConfigurationError(`Cannot run ${launch.binaries.postgres}: is it damaged, or made for another system?`)
  const guard = guardAgainstOrphaning(pid, launch)
  const stop = () => stopPostgres(child, exited).finally(() => guard.kill())
  try {
    await waitUntilReady(pid, child, launch)
  } catch (error) {
    await stop()
    throw error
  }
  if (child.exitCode !== null || child.signalCode !== null) {
    guard.kill()
    throw explainExit(folder, logFrom)
  }
  signal?.throwIfAborted()
  return { pid, exited, stop }
}

function spawnPostgres({ folder, binaries, account, port, settings }: PostgresLaunch): ChildProcess {
  const { directory, cwd } = pointAt(folder.data)
  const args = [
    '-D',
    directory,
    ...Object.entries({ ...settings, port: String(port) }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  const log = withFiles('write the log', folder.log, () => openLogFile(folder.log))
  try {
    // A session of its own: Ctrl-C in the terminal goes to the supervisor alone, which stops the nodes first.
    return spawn(binaries.postgres, args, {
      ...account,
      cwd,
      env: postgresEnvironment(),
      stdio: ['ignore', log, log],
      detached: true,
    })
  } finally {
    closeSync(log)
  }
}

/**
 * Its arguments are the server's process number and a number of seconds. The first line of `postmaster.pid` tells whether
 * the files still belong to that server.
 */
const ORPHAN_GUARD = `
still_owned() { read -r owner < postmaster.pid && [ "$owner" = "$1" ]; }
while read -r _; do :; done
left=$2
while [ "$left" -gt 0 ] && still_owned "$1"; do sleep 1; left=$((left - 1)); done
still_owned "$1" && kill -INT "$1"
`

/**
 * A shell that does nothing but wait for the end of its standard input, which comes when this process is gone, however it
 * ended. It then shuts the server down, unless the files have another owner by then.
 */
function guardAgainstOrphaning(pid: number, { folder, account, orphanSeconds }: PostgresLaunch): ChildProcess {
  const guard = spawn('/bin/sh', ['-c', ORPHAN_GUARD, 'tako-postgres-guard', String(pid), String(orphanSeconds)], {
    ...account,
    cwd: folder.data,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guard.on('error', () => {})
  guard.stdin.on('error', () => {})
  guard.unref()
  if ('unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref()
  return guard
}

async function waitUntilReady(pid: number, child: ChildProcess, { folder, signal }: PostgresLaunch): Promise<void> {
  const end = systemClock.monotonicMs() + START_LIMIT_MS
  while (child.exitCode === null && child.signalCode === null) {
    const file = readPostmasterFile(folder.data)
    if (file?.pid === pid && file.status === 'ready') return
    if (systemClock.monotonicMs() > end)
      throw new ConfigurationError(`PostgreSQL is still not ready after 10 minutes; see ${folder.log}.`)
    await systemClock.sleep(15, signal)
  }
}

/** Fast shutdown (sessions are cut, data are written), then harder. */
async function stopPostgres(child: ChildProcess, exited: Promise<ProcessEnd>): Promise<void> {
  const steps: [NodeJS.Signals, number][] = [
    ['SIGINT', FAST_SHUTDOWN_MS],
    ['SIGQUIT', IMMEDIATE_SHUTDOWN_MS],
    ['SIGKILL', IMMEDIATE_SHUTDOWN_MS],
  ]
  for (const [signal, patienceMs] of steps) {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    const patience = new AbortController()
    await Promise.race([exited, systemClock.sleep(patienceMs, patience.signal).catch(() => {})])
    patience.abort()
  }
}

function explainExit(folder: PostgresFolder, logFrom: number): Error {
  const lines = readLogTail(folder.log, logFrom)
  if (lines.some((line) => line.includes('could not bind') || line.includes('could not create any TCP/IP sockets')))
    return new PortTakenError('the port is taken')
  return new ConfigurationError(`PostgreSQL did not start: ${explainLog(lines)} (its log: ${folder.log}).`)
}

/** The sentence in the server's log that says why it ended. */
export function explainLog(lines: readonly string[]): string {
  if (lines.some(tellsFullDisk)) return 'the disk is full'
  const line = lines.findLast((text) => /FATAL:|PANIC:/.test(text)) ?? lines.at(-1)
  return line?.replace(/^.*?(FATAL|PANIC|LOG):\s*/, '').trim() ?? 'it wrote no reason'
}
