import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Which process a number means: numbers are given out again, a number together with its start never is. */
export interface ProcessIdentity {
  pid: number
  /** When the process began, in the system's own words; only ever compared. */
  startedAt: string
}

/** The process that has this number now; undefined when none has, or only a zombie that waits to be collected. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === 'linux' ? startOnLinux(pid) : startElsewhere(pid)
  return startedAt === undefined ? undefined : { pid, startedAt }
}

/** True while exactly this process lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startedAt === identity.startedAt
}

/** Sends a signal to exactly this process; false when it is gone. Throws EPERM when it belongs to another user. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false
  try {
    return process.kill(identity.pid, signal)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

/** Ticks since boot say nothing after a reboot, so the boot is part of the answer. */
function startOnLinux(pid: number): string | undefined {
  try {
    const { state, startTicks } = parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    if (state === 'Z' || state === 'X') return undefined
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${startTicks}`
  } catch {
    return undefined
  }
}

/** Reads state and start from a line of /proc/<pid>/stat. The name in brackets may itself hold blanks and brackets. */
export function parseProcessStat(line: string): { name: string; state: string; startTicks: string } {
  const open = line.indexOf('(')
  const close = line.lastIndexOf(')')
  const fields = line.slice(close + 2).split(' ')
  return { name: line.slice(open + 1, close), state: fields[0] ?? '', startTicks: fields[19] ?? '' }
}

function startElsewhere(pid: number): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
  const [state, ...start] = (stdout ?? '').trim().split(/\s+/)
  return !state || state.startsWith('Z') ? undefined : start.join(' ')
}
