import { expect, test } from 'vitest'
import { parsePostmasterFile } from './postmaster-file.ts'

test('process, port and status are read', () => {
  const text = '3264\n/proc/self/cwd\n1795392689\n55999\n\n127.0.0.1\n  2146403         4\nready   \n'
  expect(parsePostmasterFile(text)).toEqual({ pid: 3264, port: 55999, status: 'ready' })
})

test('a file that is being written has a process and nothing else yet', () => {
  expect(parsePostmasterFile('3264\n/data\n')).toEqual({ pid: 3264, port: undefined, status: '' })
})

test.each(['', '\n', 'x', '-5\n', '0\n', '1.5\n'])('%j names no process', (text) => {
  expect(parsePostmasterFile(text)).toBeUndefined()
})
