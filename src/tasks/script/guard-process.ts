import { spawn } from 'node:child_process'
import type { Duplex, Readable } from 'node:stream'
import { GUARD_VARIABLE } from './attempt-mark.ts'
import type { ScriptFolder } from './script-folder.ts'

/** What a guard tells its node (see guard-program.ts). */
export type GuardEvent =
  | { readonly type: 'ready' | 'too late' | 'no trust' | 'killed lease' | 'killed lifeline' }
  | { readonly type: 'started'; readonly group: number }
  | { readonly type: 'exit'; readonly code: number }

export interface GuardArguments {
  readonly bash: string
  readonly mark: string
  readonly leaseFile: string
  /** How long after the moment in the lease file the script may run. */
  readonly trustMs: number
  /** A moment of the boot clock. */
  readonly startBeforeBootMs: number
  readonly folder: ScriptFolder
  readonly cgroup: string | undefined
  readonly command: readonly string[]
}

/** A guard as its node sees it. */
export interface Guard {
  /** What it tells, in order; ends when guard and watcher are gone. */
  readonly events: AsyncIterable<GuardEvent>
  /** Lets the script begin. */
  go(): void
  /** The end of the lifeline: the guard kills everything at once and ends. */
  cut(): void
  /** Resolves when the watcher or the guard is gone, in order or not. */
  readonly broken: Promise<void>
  /** What the guard itself complained of, at most 2,000 characters. */
  complaint(): string
}

const MAX_COMPLAINT = 2000

/**
 * Starts the guard in a session of its own, so that neither a terminal's Ctrl-C nor a signal to the node's group reaches
 * it. Its environment holds nothing of the node's but the PATH. Rejects when the system lets no process begin.
 */
export async function startGuard({ bash, folder, ...rest }: GuardArguments): Promise<Guard> {
  const { mark, leaseFile, trustMs, startBeforeBootMs, cgroup = '', command } = rest
  const numbers = [trustMs, startBeforeBootMs].map((ms) => String(Math.floor(ms)))
  const child = spawn(bash, ['-p', folder.guardFile, mark, leaseFile, ...numbers, folder.path, cgroup, ...command], {
    cwd: '/',
    detached: true,
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', [GUARD_VARIABLE]: mark },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  })
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  const [, , errors, told, lifeline] = child.stdio as [null, null, Readable, Readable, Duplex]
  const complaint = collectComplaint(errors)
  lifeline.on('error', () => {})
  lifeline.resume()
  return {
    events: readEvents(told),
    go: () => void lifeline.write('go\n'),
    cut: () => void lifeline.destroy(),
    broken: new Promise((resolve) => {
      for (const sign of ['end', 'close']) lifeline.once(sign, () => resolve())
      child.once('exit', () => resolve())
    }),
    complaint,
  }
}

function collectComplaint(errors: Readable): () => string {
  let text = ''
  errors.setEncoding('utf8').on('data', (more: string) => {
    text = `${text}${more}`.slice(0, MAX_COMPLAINT)
  })
  errors.on('error', () => {})
  return () => text.trim()
}

async function* readEvents(told: Readable): AsyncGenerator<GuardEvent> {
  let pending = ''
  try {
    for await (const chunk of told.setEncoding('utf8')) {
      const lines = `${pending}${chunk}`.split('\n')
      pending = lines.pop() ?? ''
      for (const line of lines) {
        const event = parseGuardEvent(line)
        if (event) yield event
      }
    }
  } catch {
    // A guard that was killed may reset its end; what it had said has been read
  }
}

/** Reads one line of a guard; undefined for what no guard says. */
export function parseGuardEvent(line: string): GuardEvent | undefined {
  switch (line) {
    case 'ready':
    case 'too late':
    case 'no trust':
    case 'killed lease':
    case 'killed lifeline':
      return { type: line }
  }
  const match = /^(started|exit) (\d{1,9})$/.exec(line)
  if (!match) return undefined
  const number = Number(match[2])
  return match[1] === 'started' ? { type: 'started', group: number } : { type: 'exit', code: number }
}
