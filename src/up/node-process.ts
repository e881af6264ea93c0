import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../lib/clock.ts'
import { withFiles } from './file-fault.ts'
import { openLogFile, readLogTail } from './log-file.ts'
import type { ProcessEnd } from './postgres-process.ts'

const LAUNCHER = fileURLToPath(new URL('../../bin/tako.js', import.meta.url))

/** A node in a process of its own. */
export interface NodeProcess {
  name: string
  pid: number | undefined
  exited: Promise<ProcessEnd>
  /** How the process ended; undefined while it runs. */
  ended(): ProcessEnd | undefined
  /** What it has written to its log, in the last lines. */
  tail(): string[]
  /** SIGTERM, and after `patienceMs` SIGKILL; SIGKILL at once when `hurry` fires. False when it had to be killed. */
  stop(patienceMs: number, hurry: AbortSignal): Promise<boolean>
}

/** Starts a node. Its standard input ends when this process is gone, however it ended, and the node then stops in order. */
export function launchNode(
  name: string,
  settings: Record<string, string>,
  logFile: string,
  launcher = LAUNCHER,
): NodeProcess {
  const logFrom = existsSync(logFile) ? statSync(logFile).size : 0
  const child = spawnNode(launcher, name, settings, logFile)
  let ended: ProcessEnd | undefined
  const exited = new Promise<ProcessEnd>((resolve) => {
    const settle = (end: ProcessEnd) => {
      ended = end
      resolve(end)
    }
    child.once('exit', (code, signal) => settle({ code, signal }))
    child.once('error', () => child.pid === undefined && settle({ code: null, signal: null }))
  })
  return {
    name,
    pid: child.pid,
    exited,
    ended: () => ended,
    tail: () => readLogTail(logFile, logFrom),
    async stop(patienceMs, hurry) {
      if (ended) return true
      child.kill('SIGTERM')
      const waiting = new AbortController()
      const patience = systemClock.sleep(patienceMs, AbortSignal.any([waiting.signal, hurry])).catch(() => {})
      await Promise.race([exited, patience])
      waiting.abort()
      if (ended) return true
      child.kill('SIGKILL')
      await exited
      return false
    },
  }
}

function spawnNode(launcher: string, name: string, settings: Record<string, string>, logFile: string): ChildProcess {
  const log = withFiles('write the log', logFile, () => openLogFile(logFile))
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('TAKO_'))
  try {
    // A session of its own: Ctrl-C in the terminal goes to the supervisor alone, which stops the nodes in order.
    // Its name is in the command line too, so that `ps` and `pkill -f` can tell the nodes apart.
    const child = spawn(process.execPath, [launcher, 'server', '--name', name], {
      env: { ...Object.fromEntries(inherited), ...settings, TAKO_STOP_ON_STDIN_END: '1' },
      stdio: ['pipe', log, log],
      detached: true,
    })
    child.stdin?.on('error', () => {})
    return child
  } finally {
    closeSync(log)
  }
}

/** How a process ended, in words. */
export function describeEnd({ code, signal }: ProcessEnd): string {
  return signal ? `signal ${signal}` : code === null ? 'it could not be run' : `exit code ${code}`
}

/**
 * The line of a node's log that says why it gave up: the last one meant for people, else the message of the last record
 * of an error, else the last line.
 */
export function explainNodeLog(lines: readonly string[]): string | undefined {
  const records = lines.map((line) => ({ line, record: readRecord(line) }))
  const plain = records.findLast(({ record }) => record === undefined)
  const fault = records.findLast(({ record }) => record !== undefined && record.level >= 50)
  return plain?.line.trim() ?? fault?.record?.text ?? lines.at(-1)
}

function readRecord(line: string): { level: number; text: string } | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null || !('level' in value) || typeof value.level !== 'number')
      return undefined
    const message = 'msg' in value ? String(value.msg) : ''
    const error: unknown = 'err' in value ? value.err : undefined
    const cause = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : ''
    return { level: value.level, text: [message, cause].filter((part) => part !== '').join(': ') }
  } catch {
    return undefined
  }
}
