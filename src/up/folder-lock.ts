import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../lib/clock.ts'
import { must } from '../lib/must.ts'
import { identifyProcess, isAlive, type ProcessIdentity } from './process-identity.ts'

/** For so long two that want the folder at the same moment give way to each other before one is refused. */
const ATTEMPTS = 12
const LONGEST_PAUSE_MS = 50

/** A folder that this process alone uses until `release`. */
export interface FolderLock {
  release(): void
}

/**
 * Takes the folder for this process, or resolves with the process that has it. A lock whose process is gone, also by
 * kill -9 or a reboot, counts for nothing.
 *
 * Who wants the folder first puts up a file of his own and then looks for others: of two, the one that looks last sees
 * the other's file and takes his own away. Nobody removes the file of a living process, so no name is ever used twice.
 */
export async function lockFolder(folder: string, name: string): Promise<FolderLock | { heldBy: ProcessIdentity }> {
  const file = `${name}.${process.pid}.${randomBytes(4).toString('hex')}`
  for (let attempt = 1; ; attempt += 1) {
    putUp(folder, file)
    const rival = findRival(folder, name, file)
    if (!rival) return { release: () => rmSync(join(folder, file), { force: true }) }
    rmSync(join(folder, file), { force: true })
    if (attempt === ATTEMPTS) return { heldBy: rival }
    await systemClock.sleep(Math.random() * LONGEST_PAUSE_MS)
  }
}

/** The file appears with its content: a reader never finds it empty. */
function putUp(folder: string, file: string): void {
  const draft = join(folder, `.${file}`)
  try {
    writeFileSync(draft, JSON.stringify(must(identifyProcess(process.pid))), { mode: 0o644 })
    renameSync(draft, join(folder, file))
  } finally {
    rmSync(draft, { force: true })
  }
}

/** A living process that has put up another file; files of dead ones are removed. */
function findRival(folder: string, name: string, own: string): ProcessIdentity | undefined {
  let rival: ProcessIdentity | undefined
  for (const file of readdirSync(folder)) {
    if (!file.startsWith(`${name}.`) || file === own) continue
    const holder = readHolder(join(folder, file))
    if (holder && isAlive(holder)) rival = holder
    else rmSync(join(folder, file), { force: true })
  }
  return rival
}

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('startedAt' in value)) return undefined
    const { pid, startedAt } = value
    return typeof pid === 'number' && typeof startedAt === 'string' ? { pid, startedAt } : undefined
  } catch {
    return undefined
  }
}
