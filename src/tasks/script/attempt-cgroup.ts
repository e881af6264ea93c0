import { constants } from 'node:fs'
import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type AttemptIdentity, attemptMark, parseAttemptMark } from './attempt-mark.ts'

/** Where version 2 is mounted: beside version 1, or alone. */
const MOUNTS = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup']
const PREFIX = 'tako.'
const REMOVE_TRIES = 7

/**
 * Makes a control group for an attempt below this process's own. From there nothing escapes, not even what clears its
 * environment and leaves its session. Undefined where that is not to be had: no version 2, no right to write, an old kernel.
 */
export async function createCgroup(attempt: AttemptIdentity): Promise<string | undefined> {
  const own = await ownCgroup()
  if (own === undefined) return undefined
  const path = join(own, `${PREFIX}${attemptMark(attempt).replaceAll('/', '.')}`)
  try {
    await mkdir(path)
    await access(join(path, 'cgroup.kill'), constants.W_OK)
    return path
  } catch {
    await removeCgroup(path)
    return undefined
  }
}

/** Removes an attempt's group; the kernel refuses that until its last process is gone. */
export async function removeCgroup(path: string): Promise<void> {
  for (let tries = 0; tries < REMOVE_TRIES; tries += 1) {
    const code = await rmdir(path).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error.code,
    )
    if (code !== 'EBUSY') return
    await delay(5 * 2 ** tries)
  }
}

/** Kills all there is in the groups of matching attempts, and removes the groups. */
export async function killCgroups(matches: (attempt: AttemptIdentity) => boolean): Promise<void> {
  const own = await ownCgroup()
  const names = own === undefined ? [] : await readdir(own).catch(() => [])
  for (const name of names) {
    const attempt = name.startsWith(PREFIX)
      ? parseAttemptMark(name.slice(PREFIX.length).replaceAll('.', '/'))
      : undefined
    if (own === undefined || !attempt || !matches(attempt)) continue
    await writeFile(join(own, name, 'cgroup.kill'), '1').catch(() => {})
    await removeCgroup(join(own, name))
  }
}

async function ownCgroup(): Promise<string | undefined> {
  const lines = await readFile('/proc/self/cgroup', 'utf8').catch(() => '')
  const own = /^0::(\/.*)$/m.exec(lines)?.[1]
  if (own === undefined) return undefined
  for (const mount of MOUNTS) {
    const path = join(mount, own)
    const writable = await access(join(path, 'cgroup.procs'), constants.W_OK).then(
      () => true,
      () => false,
    )
    if (writable) return path
  }
  return undefined
}
