import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { deathAsSeenFrom, type ProcessPlace, readProcessPlace } from './machine.ts'

const here = readProcessPlace()

test('the place of a process is the same each time it is read', () => {
  expect(readProcessPlace()).toEqual(here)
})

test("a living process is not dead, not even under another user's eyes", () => {
  expect(deathAsSeenFrom(here, here)).toBeUndefined()
})

test('a process whose number is gone, or was given to another, is dead', async () => {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'])
  const pid = child.pid ?? 0
  expect(deathAsSeenFrom(here, { ...here, pid, processStart: 'another start' })).toMatchObject({ by: 'process' })
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(deathAsSeenFrom(here, { ...here, pid })).toMatchObject({
    by: 'process',
    cause: expect.stringContaining(String(pid)),
  })
})

test('a machine that has booted since has ended all its processes; on another machine nothing is known', () => {
  const [, namespace] = here.boot.split(' ')
  const before: ProcessPlace = { ...here, boot: `another-boot ${namespace}` }
  expect(deathAsSeenFrom(here, before)).toMatchObject({ by: 'boot' })
  expect(deathAsSeenFrom(here, { ...before, machine: 'other 123' })).toBeUndefined()
  expect(deathAsSeenFrom(here, { ...before, boot: 'another-boot pid:[1]' })).toBeUndefined()
})

test('in another process namespace a number means nothing, though the boot is the same', () => {
  const [bootId] = here.boot.split(' ')
  expect(deathAsSeenFrom(here, { ...here, boot: `${bootId} pid:[1]`, pid: 2 ** 22 + 1 })).toBeUndefined()
})
