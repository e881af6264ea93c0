import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leaseLine } from '../../src/cluster/lease.ts'
import { bootSeconds } from '../../src/cluster/lease-file.ts'
import type { LogStream, TaskOutput } from '../../src/tasks/kind.ts'
import { LineCutter } from '../../src/tasks/line-cutter.ts'
import { killLeftovers } from '../../src/tasks/script/kill-attempts.ts'

/** What a node would have around a script: an incarnation, a lease file that the test beats, a folder to work in. */
export interface ScriptPlace {
  readonly incarnation: string
  readonly folder: string
  readonly workFolder: string
  readonly leaseFile: string
  /** Writes the lease file as the heart does after a beat that was sent so many seconds ago. */
  beat(secondsAgo?: number): void
  /** Ends whatever a failed test left running, and removes the folder. */
  clear(): Promise<void>
}

export function createScriptPlace(): ScriptPlace {
  const incarnation = randomUUID()
  const folder = mkdtempSync(join(tmpdir(), 'tako-script-'))
  const leaseFile = join(folder, 'lease')
  const beat = (secondsAgo = 0) =>
    writeFileSync(leaseFile, leaseLine(bootSeconds() - secondsAgo, incarnation), { flag: 'r+' })
  writeFileSync(leaseFile, leaseLine(bootSeconds(), incarnation))
  return {
    incarnation,
    folder,
    workFolder: join(folder, 'work'),
    leaseFile,
    beat,
    async clear() {
      await killLeftovers(incarnation)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A task's output that keeps its lines in memory, and is full when the test says so. */
export interface RecordedOutput extends TaskOutput {
  readonly lines: { stream: LogStream; text: string }[]
  textOf(stream: LogStream): string
  setFull(isFull: boolean): void
}

export function recordOutput(): RecordedOutput {
  const lines: { stream: LogStream; text: string }[] = []
  const cutters = new Map<LogStream, LineCutter>()
  let full = false
  let letGo = () => {}
  let emptied = Promise.resolve()
  return {
    lines,
    textOf: (stream) =>
      lines
        .filter((line) => line.stream === stream)
        .map(({ text }) => text)
        .join('\n'),
    setFull(isFull) {
      if (isFull && !full) {
        emptied = new Promise((resolve) => {
          letGo = resolve
        })
      }
      full = isFull
      if (!isFull) letGo()
    },
    line: (stream, text) => void lines.push({ stream, text }),
    bytes(stream, chunk) {
      const cutter = cutters.get(stream) ?? new LineCutter((text) => lines.push({ stream, text }))
      cutters.set(stream, cutter)
      cutter.push(chunk)
    },
    isFull: () => full,
    drained: () => emptied,
    async end() {
      for (const cutter of cutters.values()) cutter.end()
    },
  }
}

/** True while the process runs: one that has ended and waits to be collected does not. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !['Z', 'X'].includes(stat.charAt(stat.lastIndexOf(')') + 2))
  } catch {
    return false
  }
}

/** The process id that a script has written to a file of the place; undefined before. */
export function pidIn(place: ScriptPlace, name: string): number | undefined {
  const path = join(place.folder, name)
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  return text.endsWith('\n') ? Number(text) : undefined
}
