import { randomUUID } from 'node:crypto'
import { open, readFile, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { withinTime } from '../../cluster/within-time.ts'
import { SECOND } from '../../lib/clock.ts'
import type { Findings } from './system-integrity-check.ts'

const MEBIBYTE = 1024 * 1024
const LEAST_FREE_BYTES = 64 * MEBIBYTE
const LOW_FREE_BYTES = 1024 * MEBIBYTE
/** A file server that is away lets its clients wait for ever. */
const LIMIT_MS = 10 * SECOND

/** Writes a file to the shared folder, forces it to disk, reads it back, removes it, and looks at the free space. */
export async function checkSharedFolder(findings: Findings, folder: string): Promise<void> {
  const late = `${folder} did not answer within 10 seconds`
  await withinTime(LIMIT_MS, late, () => writeAndReadBack(folder))
  findings.facts.push(`a file was written to ${folder} and read back.`)
  const { bavail, bsize } = await withinTime(LIMIT_MS, late, () => statfs(folder))
  const free = bavail * bsize
  const text = `${Math.floor(free / MEBIBYTE)} MiB are free.`
  if (free < LEAST_FREE_BYTES) findings.faults.push(text)
  else if (free < LOW_FREE_BYTES) findings.warnings.push(text)
  else findings.facts.push(text)
}

async function writeAndReadBack(folder: string): Promise<void> {
  const path = join(folder, `integrity-check-${randomUUID()}`)
  const text = randomUUID().repeat(1000)
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    if ((await readFile(path, 'utf8')) !== text) throw new Error(`${path} reads differently from what was written`)
  } finally {
    await rm(path, { force: true })
  }
}
