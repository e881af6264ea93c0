import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createScriptFolder, removeLeftoverFolders } from './script-folder.ts'

let workFolder: string
const files = { body: 'echo ä', fileName: 'script.sh', environment: { SECRET: 'a=b\nc', TMPDIR: '/elsewhere' } }
const attempt = (incarnation: string) => ({ taskId: 7, attempt: 2, incarnation })

beforeEach(() => {
  workFolder = join(mkdtempSync(join(tmpdir(), 'tako-work-')), 'new', 'work')
})
afterEach(() => rmSync(join(workFolder, '..', '..'), { recursive: true, force: true }))

test('nobody else can read what a script is given', async () => {
  const folder = await createScriptFolder(workFolder, attempt('abc'), files)
  expect(statSync(workFolder).mode & 0o777).toBe(0o700)
  expect(statSync(folder.path).mode & 0o777).toBe(0o700)
  for (const file of [folder.guardFile, folder.scriptFile, join(folder.path, 'environment')]) {
    expect(statSync(file).mode & 0o077).toBe(0)
  }
  expect(readFileSync(folder.scriptFile, 'utf8')).toBe('echo ä')
  expect(readFileSync(join(folder.path, 'environment'), 'utf8')).toBe('TMPDIR=/elsewhere\0SECRET=a=b\nc\0')
  await folder.forgetEnvironment()
  await folder.forgetEnvironment()
  expect(existsSync(join(folder.path, 'environment'))).toBe(false)
  await folder.remove()
  expect(readdirSync(workFolder)).toEqual([])
})

test('a folder that cannot be filled is not left behind', async () => {
  const bad = { ...files, fileName: 'missing/script.sh' }
  await expect(createScriptFolder(workFolder, attempt('abc'), bad)).rejects.toThrow('ENOENT')
  expect(readdirSync(workFolder)).toEqual([])
})

test('what a start of the node left is removed, and nothing of another', async () => {
  await createScriptFolder(workFolder, attempt('abc'), files)
  await createScriptFolder(workFolder, attempt('abc'), files)
  const other = await createScriptFolder(workFolder, attempt('abcd'), files)
  mkdirSync(join(workFolder, 'abc'))
  await removeLeftoverFolders(workFolder, 'abc')
  expect(
    readdirSync(workFolder)
      .map((name) => join(workFolder, name))
      .sort(),
  ).toEqual([join(workFolder, 'abc'), other.path].sort())
  await removeLeftoverFolders(join(workFolder, 'missing'), 'abc')
})
