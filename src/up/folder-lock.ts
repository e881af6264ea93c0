import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identifyProcess, isAlive, type ProcessIdentity } from './process-identity.ts'

/** A folder that this process alone uses until `release`. */
export interface FolderLock {
  release(): void
}

/**
 * Takes the folder for this process, or returns the process that has it. A lock whose process is gone, also by kill -9 or
 * a reboot, counts for nothing.
 *
 * Each lock is a numbered file made in one step (`link`). A dead lock is followed by the next higher number and never
 * replaced: two processes that both find it dead want the same new file, and one of them gets it.
 */
export function lockFolder(folder: string, name: string): FolderLock | { heldBy: ProcessIdentity } {
  for (;;) {
    const before = listLocks(folder, name)
    const last = before.at(-1)
    if (last?.holder && isAlive(last.holder)) return { heldBy: last.holder }
    const number = (last?.number ?? 0) + 1
    const file = join(folder, `${name}.${number}`)
    if (!createLock(folder, name, file)) continue
    // Between listing and creating, a dead lock may have been followed by another process and removed.
    const rival = listLocks(folder, name).find((lock) => lock.number > number)
    if (rival) {
      rmSync(file, { force: true })
      continue
    }
    for (const dead of before) rmSync(join(folder, `${name}.${dead.number}`), { force: true })
    return createReleaser(file)
  }
}

/** Releasing twice must not take the lock away from who took it in between. */
function createReleaser(file: string): FolderLock {
  let held = true
  return {
    release() {
      if (held) rmSync(file, { force: true })
      held = false
    },
  }
}

function listLocks(folder: string, name: string): { number: number; holder: ProcessIdentity | undefined }[] {
  const numbers = readdirSync(folder)
    .filter((file) => file.startsWith(`${name}.`) && /^\d+$/.test(file.slice(name.length + 1)))
    .map((file) => Number(file.slice(name.length + 1)))
    .sort((a, b) => a - b)
  return numbers.map((number) => ({ number, holder: readHolder(join(folder, `${name}.${number}`)) }))
}

/** The file appears with its content: a reader never finds it empty. False when the name is taken. */
function createLock(folder: string, name: string, file: string): boolean {
  const draft = join(folder, `.${name}.${process.pid}`)
  writeFileSync(draft, JSON.stringify(identifyProcess(process.pid)), { mode: 0o644 })
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('startedAt' in value)) return undefined
    return typeof value.pid === 'number' && typeof value.startedAt === 'string'
      ? { pid: value.pid, startedAt: value.startedAt }
      : undefined
  } catch {
    return undefined
  }
}
