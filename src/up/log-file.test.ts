import {
  closeSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLogFile, readLogTail } from './log-file.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tako-log-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a log is continued, and closed to other users', () => {
  const path = join(folder, 'x.log')
  for (const line of ['one\n', 'two\n']) {
    const file = openLogFile(path)
    writeSync(file, line)
    closeSync(file)
  }
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n')
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('a log over 10 MB is put aside before it is opened', () => {
  const path = join(folder, 'x.log')
  writeFileSync(path, 'old')
  truncateSync(path, 10 * 1024 * 1024 + 1)
  closeSync(openLogFile(path))
  expect(statSync(path).size).toBe(0)
  expect(existsSync(`${path}.1`)).toBe(true)
})

test('the tail is what was written since a mark, however much came before', () => {
  const path = join(folder, 'x.log')
  writeFileSync(path, `${'x'.repeat(100_000)}\nstart\n\nend\n`)
  expect(readLogTail(path, 100_001)).toEqual(['start', 'end'])
  expect(readLogTail(path).at(-1)).toBe('end')
  expect(readLogTail(path, 1_000_000).at(-1)).toBe('end')
  expect(readLogTail(join(folder, 'none'))).toEqual([])
})
