import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { killCgroups } from './attempt-cgroup.ts'
import { ATTEMPT_VARIABLE, type AttemptIdentity, GUARD_VARIABLE, parseAttemptMark } from './attempt-mark.ts'

/** Attempts of one incarnation: all of them, those of one task, or one. */
export interface AttemptMatch {
  readonly incarnation: string
  readonly taskId?: number
  readonly attempt?: number
}

const READS_AT_ONCE = 16
const MAX_ROUNDS = 100
const PAUSE_MS = 10

/**
 * Sends SIGKILL to every process on this machine that carries the mark of a matching attempt, also to what left its group
 * or its session, until two looks in a row find none; returns how many processes that were. This process is never among
 * them. It gives up on what SIGKILL does not end (a process in an uninterruptible wait) after about a second of trying.
 */
export async function killAttemptProcesses(match: AttemptMatch): Promise<number> {
  return await killCarriers([ATTEMPT_VARIABLE], match)
}

/** Does the same for the scripts and the guards of an incarnation that is gone: at node start and at rebirth. */
export async function killLeftovers(incarnation: string): Promise<number> {
  return await killCarriers([ATTEMPT_VARIABLE, GUARD_VARIABLE], { incarnation })
}

/** Ends an attempt whose guard does not answer, together with that guard. */
export async function killAttemptAndGuard(match: AttemptMatch): Promise<number> {
  return await killCarriers([ATTEMPT_VARIABLE, GUARD_VARIABLE], match)
}

/** A process in the middle of an exec shows no environment for a moment, so one clean look is not enough. */
async function killCarriers(variables: readonly string[], match: AttemptMatch): Promise<number> {
  const killed = new Set<number>()
  await killCgroups((attempt) => matches(attempt, match))
  for (let clean = 0, rounds = 0; clean < 2 && rounds < MAX_ROUNDS; rounds += 1) {
    const found = await findCarriers(variables, match)
    clean = found.length === 0 ? clean + 1 : 0
    for (const pid of found) if (sendKill(pid)) killed.add(pid)
    if (found.length > 0) await delay(PAUSE_MS)
  }
  return killed.size
}

async function findCarriers(variables: readonly string[], match: AttemptMatch): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).map(Number).filter((pid) => pid > 0 && pid !== process.pid)
  const found: number[] = []
  const reader = async () => {
    for (let pid = pids.pop(); pid !== undefined; pid = pids.pop()) {
      // Another user's process may not be read; one that has just ended is not there
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
      if (variables.some((variable) => carries(environment, variable, match))) found.push(pid)
    }
  }
  await Promise.all(Array.from({ length: READS_AT_ONCE }, reader))
  return found
}

/** Whether an environment, as /proc shows it (each variable ended by U+0000), holds this variable with a matching mark. */
export function carries(environment: string, variable: string, match: AttemptMatch): boolean {
  const name = `${variable}=`
  const at = environment.startsWith(name) ? 0 : environment.indexOf(`\0${name}`) + 1
  if (at === 0 && !environment.startsWith(name)) return false
  const end = environment.indexOf('\0', at)
  const mark = parseAttemptMark(environment.slice(at + name.length, end < 0 ? undefined : end))
  return mark !== undefined && matches(mark, match)
}

function matches(mark: AttemptIdentity, { incarnation, taskId, attempt }: AttemptMatch): boolean {
  if (mark.incarnation !== incarnation) return false
  return (taskId === undefined || mark.taskId === taskId) && (attempt === undefined || mark.attempt === attempt)
}

function sendKill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}
