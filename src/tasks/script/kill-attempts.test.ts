import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { isRunning } from '../../../test/support/scripts.ts'
import { until } from '../../../test/support/until.ts'
import { must } from '../../lib/must.ts'
import { ATTEMPT_VARIABLE, GUARD_VARIABLE } from './attempt-mark.ts'
import { carries, killAttemptAndGuard, killAttemptProcesses, killLeftovers } from './kill-attempts.ts'

const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

async function startMarked(environment: Record<string, string>): Promise<number> {
  const child = spawn('sleep', ['100'], { env: { PATH: process.env.PATH, ...environment }, stdio: 'ignore' })
  started.push(child)
  await once(child, 'spawn')
  return must(child.pid)
}

const isGone = (pid: number) => until(`process ${pid} to be gone`, () => !isRunning(pid), 3000)

test('kills exactly what carries the mark: not another task, attempt or incarnation that begins alike', async () => {
  const incarnation = randomUUID()
  const other = randomUUID()
  const mark = (value: string) => startMarked({ OTHER: 'x', [ATTEMPT_VARIABLE]: value, LAST: 'y' })
  const asked = await mark(`1/1/${incarnation}`)
  const kept = await Promise.all([
    mark(`12/1/${incarnation}`),
    mark(`1/11/${incarnation}`),
    mark(`1/1/${other}`),
    startMarked({ [`X${ATTEMPT_VARIABLE}`]: `1/1/${incarnation}` }),
    startMarked({ OTHER: `${ATTEMPT_VARIABLE}=1/1/${incarnation}` }),
    startMarked({ [GUARD_VARIABLE]: `1/1/${incarnation}` }),
  ])
  expect(await killAttemptProcesses({ incarnation, taskId: 1, attempt: 1 })).toBe(1)
  await isGone(asked)
  expect(kept.filter((pid) => !isRunning(pid))).toEqual([])
})

test('kills all of a task, and all of an incarnation with its guards', async () => {
  const incarnation = randomUUID()
  const of = (value: string, name = ATTEMPT_VARIABLE) => startMarked({ [name]: `${value}/${incarnation}` })
  const task5 = await Promise.all([of('5/1'), of('5/2')])
  const rest = await Promise.all([of('6/1'), of('7/1', GUARD_VARIABLE)])
  expect(await killAttemptProcesses({ incarnation, taskId: 5 })).toBe(2)
  await Promise.all(task5.map(isGone))
  expect(rest.every(isRunning)).toBe(true)
  expect(await killLeftovers(incarnation)).toBe(2)
  await Promise.all(rest.map(isGone))
  expect(await killLeftovers(incarnation)).toBe(0)
})

test('a guard that does not answer is killed with its attempt', async () => {
  const incarnation = randomUUID()
  const pids = await Promise.all([
    startMarked({ [ATTEMPT_VARIABLE]: `5/1/${incarnation}` }),
    startMarked({ [GUARD_VARIABLE]: `5/1/${incarnation}` }),
  ])
  process.kill(must(pids[1]), 'SIGSTOP')
  expect(await killAttemptAndGuard({ taskId: 5, attempt: 1, incarnation })).toBe(2)
  await Promise.all(pids.map(isGone))
})

test('kills what goes on starting processes', async () => {
  const incarnation = randomUUID()
  const child = spawn('bash', ['-c', 'while :; do setsid sleep 100 & sleep 0.02; done'], {
    env: { PATH: process.env.PATH, [ATTEMPT_VARIABLE]: `5/1/${incarnation}` },
    stdio: 'ignore',
  })
  started.push(child)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(await killAttemptProcesses({ incarnation })).toBeGreaterThan(3)
  expect(await killAttemptProcesses({ incarnation })).toBe(0)
})

test.each([
  ['TAKO_ATTEMPT=1/2/abc\0', true],
  ['A=b\0TAKO_ATTEMPT=1/2/abc\0C=d\0', true],
  ['A=b\0TAKO_ATTEMPT=1/2/abc', true],
  ['A=TAKO_ATTEMPT=1/2/abc\0', false],
  ['XTAKO_ATTEMPT=1/2/abc\0', false],
  ['TAKO_ATTEMPT=1/2/abcd\0', false],
  ['TAKO_ATTEMPT=1/2\0', false],
  ['TAKO_ATTEMPT=\0', false],
  ['', false],
])('the environment %j carries the mark: %s', (environment, expected) => {
  expect(carries(environment, ATTEMPT_VARIABLE, { incarnation: 'abc' })).toBe(expected)
})
