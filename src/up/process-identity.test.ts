import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { identifyProcess, isAlive, parseProcessStat, signalProcess } from './process-identity.ts'

/** How long a condition may take to come about on a busy machine. */
const SOON = { timeout: 15_000 }

test('a process is known by its number and its start', () => {
  const identity = identifyProcess(process.pid)
  expect(identity?.pid).toBe(process.pid)
  expect(identity && isAlive(identity)).toBe(true)
  expect(isAlive({ pid: process.pid, startedAt: 'another boot 1' })).toBe(false)
})

test('a stranger that got the number of a dead process is neither taken for it nor signalled', async () => {
  const stranger = spawn('sleep', ['30'])
  await once(stranger, 'spawn')
  expect(signalProcess({ pid: stranger.pid ?? 0, startedAt: 'before 1' }, 'SIGKILL')).toBe(false)
  expect(stranger.exitCode).toBeNull()
  stranger.kill('SIGKILL')
  await once(stranger, 'exit')
})

test('an ended process is gone, also while nobody has collected it', async () => {
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [line] = await once(parent.stdout, 'data')
  const zombie = Number(String(line))
  await expect.poll(() => identifyProcess(zombie), SOON).toBeUndefined()
  parent.kill('SIGKILL')
  await once(parent, 'exit')
  expect(identifyProcess(parent.pid ?? 0)).toBeUndefined()
})

test('the stat line is read although the name holds blanks and brackets', () => {
  const rest = Array.from({ length: 40 }, (_, index) => String(index + 4)).join(' ')
  expect(parseProcessStat(`7 (a) R (b c) S ${rest}`)).toEqual({ name: 'a) R (b c', state: 'S', startTicks: '22' })
})
