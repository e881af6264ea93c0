import { ConfigurationError, messageOf } from '../lib/errors.ts'

const REASONS: Record<string, string> = {
  EACCES: 'this user has no permission for it',
  EPERM: 'this user has no permission for it',
  EROFS: 'it lies on a read-only file system',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of its path is no folder',
  EEXIST: 'something that is no folder has that name',
  ENAMETOOLONG: 'its path is too long',
}

/** Does something with files; what goes wrong becomes one sentence that says what was being done and with which path. */
export function withFiles<T>(doing: string, path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof ConfigurationError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw new ConfigurationError(`Cannot ${doing} ${path}: ${REASONS[code] ?? messageOf(error)}.`, { cause: error })
  }
}
