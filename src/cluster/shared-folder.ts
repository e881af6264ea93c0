import { mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../lib/errors.ts'
import { withinTime } from './within-time.ts'

/** What a trial of the shared folder found. */
export interface FolderTrial {
  freeBytes: number | undefined
  totalBytes: number | undefined
  /** A sentence when the folder cannot be used. */
  fault: string | undefined
}

/** Tries the shared folder for what work needs of it. */
export interface SharedFolderProbe {
  /** Writes a canary, reads it back, and asks for the free space. Never rejects; gives up after `withinMs`. */
  try(withinMs: number): Promise<FolderTrial>
}

/**
 * A folder that hangs (a network mount whose server is gone) would take up one of the process's few threads for file work
 * with each trial, so a new trial does not begin while one is under way: it reports the hang instead.
 */
export function createSharedFolderProbe(folder: string, node: string): SharedFolderProbe {
  let underWay: Promise<FolderTrial> | undefined
  return {
    async try(withinMs) {
      if (!underWay) {
        underWay = tryFolder(folder, node)
        const end = () => {
          underWay = undefined
        }
        underWay.then(end, end)
      }
      const trial = underWay
      try {
        return await withinTime(withinMs, `The shared folder ${folder} does not answer.`, () => trial)
      } catch (error) {
        return { freeBytes: undefined, totalBytes: undefined, fault: messageOf(error) }
      }
    },
  }
}

async function tryFolder(folder: string, node: string): Promise<FolderTrial> {
  try {
    await tryCanary(folder, node)
    const { bavail, blocks, bsize } = await statfs(folder)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, fault: undefined }
  } catch (error) {
    throw new Error(`The shared folder ${folder} cannot be used: ${messageOf(error)}.`, { cause: error })
  }
}

/** Each node has a file of its own, so that nodes do not meet. */
async function tryCanary(folder: string, node: string): Promise<void> {
  const canaries = join(folder, '.canary')
  await mkdir(canaries, { recursive: true })
  const file = join(canaries, node)
  const song = `${node} ${process.pid} ${process.hrtime.bigint()}`
  await writeFile(file, song)
  const heard = await readFile(file, 'utf8')
  if (heard !== song) throw new Error('what was written into it is not what is read from it')
  await rm(file, { force: true })
}
