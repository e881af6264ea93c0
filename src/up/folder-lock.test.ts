import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockFolder } from './folder-lock.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tako-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function take() {
  const lock = lockFolder(folder, 'lock')
  if (!('release' in lock)) throw new Error(`held by ${lock.heldBy.pid}`)
  return lock
}

test('a held folder is refused with the holder, and given again after the release', () => {
  const lock = take()
  expect(lockFolder(folder, 'lock')).toMatchObject({ heldBy: { pid: process.pid } })
  lock.release()
  expect(readdirSync(folder)).toEqual([])
  take()
})

test('a lock of a process that is gone, or that nobody can read, counts for nothing and is removed', () => {
  writeFileSync(join(folder, 'lock.4'), JSON.stringify({ pid: process.pid, startedAt: 'before the reboot 1' }))
  writeFileSync(join(folder, 'lock.7'), '{')
  take()
  expect(readdirSync(folder)).toEqual(['lock.8'])
})

test('releasing twice does not give away the lock of the next holder', () => {
  const first = take()
  first.release()
  take()
  first.release()
  expect(lockFolder(folder, 'lock')).toHaveProperty('heldBy')
})

test('locks of different names do not meet', () => {
  take()
  expect(lockFolder(folder, 'other')).toHaveProperty('release')
})
