import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FolderLock, lockFolder } from './folder-lock.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tako-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function take(name = 'lock'): Promise<FolderLock> {
  const lock = await lockFolder(folder, name)
  if (!('release' in lock)) throw new Error(`held by ${lock.heldBy.pid}`)
  return lock
}

test('a held folder is refused with the holder, and given again after the release', async () => {
  const lock = await take()
  expect(await lockFolder(folder, 'lock')).toMatchObject({ heldBy: { pid: process.pid } })
  lock.release()
  expect(readdirSync(folder)).toEqual([])
  await take()
})

test('of many that want it at the same moment exactly one gets it', async () => {
  for (let round = 0; round < 5; round += 1) {
    const all = await Promise.all(Array.from({ length: 8 }, () => lockFolder(folder, 'lock')))
    const winners = all.filter((lock) => 'release' in lock)
    expect(winners).toHaveLength(1)
    for (const winner of winners) winner.release()
  }
})

test('a lock of a process that is gone, or that nobody can read, counts for nothing and is removed', async () => {
  writeFileSync(join(folder, 'lock.4.aa'), JSON.stringify({ pid: process.pid, startedAt: 'before the reboot 1' }))
  writeFileSync(join(folder, 'lock.7.bb'), '{')
  await take()
  expect(readdirSync(folder)).toHaveLength(1)
})

test('releasing twice does not give away the lock of the next holder', async () => {
  const first = await take()
  first.release()
  await take()
  first.release()
  expect(await lockFolder(folder, 'lock')).toHaveProperty('heldBy')
})

test('locks of different names do not meet', async () => {
  await take()
  await take('other')
})
