import { expect, test } from 'vitest'
import { explainInitdb } from './postgres-folder.ts'
import { explainLog } from './postgres-process.ts'

test("of initdb's errors the sentence that names the cause is kept", () => {
  expect(explainInitdb('initdb: error: could not create directory "x": Permission denied\ninitdb: removing\n', 1)).toBe(
    'could not create directory "x": Permission denied',
  )
  expect(explainInitdb('2026 UTC [1] FATAL:  could not write: No space left on device\n', 1)).toBe('the disk is full')
  expect(
    explainInitdb('FATAL:  could not extend file "base/1/2691": wrote only 4096 of 8192 bytes at block 9\n', 1),
  ).toBe('the disk is full')
  expect(explainInitdb('', 'SIGKILL')).toBe('initdb ended with SIGKILL')
})

test("of the server's log the last fatal line is kept", () => {
  const lines = [
    '2026 UTC [1] LOG:  starting',
    '2026 UTC [1] FATAL:  data directory has invalid permissions',
    '2026 UTC [1] LOG:  shut down',
  ]
  expect(explainLog(lines)).toBe('data directory has invalid permissions')
  expect(explainLog(['2026 UTC [1] PANIC:  could not write to file: No space left on device'])).toBe('the disk is full')
  expect(explainLog([])).toBe('it wrote no reason')
})
