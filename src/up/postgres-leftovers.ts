import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigurationError } from '../lib/errors.ts'
import { pollUntil } from './poll.ts'
import { type PostmasterFile, parsePostmasterFile } from './postmaster-file.ts'
import { identifyProcess, isAlive, type ProcessIdentity, parseProcessStat, signalProcess } from './process-identity.ts'

const FAST_SHUTDOWN_MS = 30_000
const IMMEDIATE_SHUTDOWN_MS = 5_000

/**
 * Makes sure that no PostgreSQL process uses the database files: one that a killed supervisor left behind is shut down in
 * order, backends that have outlived their server are ended, and a `postmaster.pid` that names nobody, or by now a
 * stranger, is removed. To be called only by who holds the folder's lock.
 */
export async function endLeftovers(data: string, onProgress: (sentence: string) => void): Promise<void> {
  const running = findServerProcesses(data)
  if (running.length > 0) {
    onProgress('A PostgreSQL left behind by an earlier run still has these files: shutting it down')
    const main = readPostmasterFile(data)?.pid
    await endProcesses(running, main, data)
  }
  rmSync(join(data, 'postmaster.pid'), { force: true })
}

export function readPostmasterFile(data: string): PostmasterFile | undefined {
  try {
    return parsePostmasterFile(readFileSync(join(data, 'postmaster.pid'), 'utf8'))
  } catch {
    return undefined
  }
}

async function endProcesses(running: ProcessIdentity[], main: number | undefined, data: string): Promise<void> {
  const gone = () => findServerProcesses(data).length === 0
  const postmaster = running.find(({ pid }) => pid === main)
  if (postmaster) {
    trySignal(postmaster, 'SIGINT', data)
    if (await pollUntil(() => !isAlive(postmaster) && gone(), { timeoutMs: FAST_SHUTDOWN_MS })) return
  }
  for (const leftover of findServerProcesses(data)) trySignal(leftover, 'SIGQUIT', data)
  if (await pollUntil(gone, { timeoutMs: IMMEDIATE_SHUTDOWN_MS })) return
  for (const leftover of findServerProcesses(data)) trySignal(leftover, 'SIGKILL', data)
  if (await pollUntil(gone, { timeoutMs: IMMEDIATE_SHUTDOWN_MS })) return
  throw new ConfigurationError(
    `A PostgreSQL process that uses ${data} does not end: ${findServerProcesses(data).map(({ pid }) => pid)}. End it, then start again.`,
  )
}

function trySignal(leftover: ProcessIdentity, signal: NodeJS.Signals, data: string): void {
  try {
    signalProcess(leftover, signal)
  } catch (error) {
    throw new ConfigurationError(
      `Another user's PostgreSQL (process ${leftover.pid}) runs on ${data}: stop it first.`,
      { cause: error },
    )
  }
}

/** The PostgreSQL processes that work on these files. */
function findServerProcesses(data: string): ProcessIdentity[] {
  const pids = process.platform === 'linux' ? pidsByWorkingDirectory(data) : pidByPostmasterFile(data)
  return pids.flatMap((pid) => identifyProcess(pid) ?? [])
}

/**
 * Every PostgreSQL process has the data folder as its working directory. Folders are compared by device and inode, since
 * the same folder may have several paths.
 */
function pidsByWorkingDirectory(data: string): number[] {
  const wanted = statSync(data)
  const worksHere = (pid: string) => {
    try {
      if (parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).name !== 'postgres') return false
      const folder = statSync(`/proc/${pid}/cwd`)
      return folder.dev === wanted.dev && folder.ino === wanted.ino
    } catch {
      return false
    }
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && worksHere(name))
    .map(Number)
}

function pidByPostmasterFile(data: string): number[] {
  const pid = readPostmasterFile(data)?.pid
  if (!pid) return []
  const { stdout } = spawnSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' })
  return /postgres\s*$/.test(stdout ?? '') ? [pid] : []
}
