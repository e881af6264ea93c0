import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { ConfigurationError, messageOf } from '../lib/errors.ts'

const REASONS: Record<string, string> = {
  EACCES: 'this user has no permission for it',
  EPERM: 'this user has no permission for it',
  EROFS: 'it lies on a read-only file system',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOENT: 'a folder above it is missing or takes no folders',
  ENOTDIR: 'a part of its path is no folder',
  EEXIST: 'something that is no folder has that name',
  ENAMETOOLONG: 'its path is too long',
}

/** Does something with files; what goes wrong becomes one sentence that says what was being done and with which path. */
export function withFiles<T>(doing: string, path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw fileFault(doing, path, error)
  }
}

function fileFault(doing: string, path: string, error: unknown): ConfigurationError {
  if (error instanceof ConfigurationError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return new ConfigurationError(`Cannot ${doing} ${path}: ${REASONS[code] ?? messageOf(error)}.`, { cause: error })
}

/** The same for what takes its time. */
export async function withFilesLater<T>(doing: string, path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw fileFault(doing, path, error)
  }
}

/**
 * Makes a folder, and those above it, readable by this user alone. Step by step: `mkdir` with `recursive` tries for ever
 * under folders such as /proc, and names a read-only file system a missing folder.
 */
export function ensureFolder(path: string): void {
  withFiles('create the data folder', path, () => {
    const missing: string[] = []
    for (let folder = path; !existsSync(folder); folder = dirname(folder)) missing.unshift(folder)
    for (const folder of missing) mkdirSync(folder, { mode: 0o700 })
  })
}

/** Whether a message of PostgreSQL says that a file could not grow, in either of its two ways. */
export function tellsFullDisk(message: string): boolean {
  return message.includes('No space left on device') || /could not extend file .*wrote only/.test(message)
}
