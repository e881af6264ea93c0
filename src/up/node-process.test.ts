import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { describeEnd, explainNodeLog, launchNode } from './node-process.ts'

/** How long a condition may take to come about on a busy machine. */
const SOON = { timeout: 15_000 }

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tako-node-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a program of the test's own in the place of a node. */
function launch(program: string) {
  const launcher = join(folder, 'launcher.mjs')
  writeFileSync(launcher, program)
  return launchNode('node-a', { TAKO_NAME: 'node-a' }, join(folder, 'node-a.log'), launcher)
}

const never = new AbortController().signal

test('a node is told to stop with SIGTERM, and its output is in its log', async () => {
  const node = launch(
    `process.on('SIGTERM', () => { console.log('bye'); process.exit(7) }); setInterval(() => {}, 1000); console.log(process.argv[2], process.env.TAKO_NAME, process.env.TAKO_STOP_ON_STDIN_END)`,
  )
  await expect.poll(() => node.tail(), SOON).toEqual(['server node-a 1'])
  expect(node.ended()).toBeUndefined()
  expect(await node.stop(10_000, never)).toBe(true)
  expect(await node.exited).toEqual({ code: 7, signal: null })
  expect(readFileSync(join(folder, 'node-a.log'), 'utf8')).toBe('server node-a 1\nbye\n')
})

test('a node that does not stop in its time is killed, and at once when the operator is in a hurry', async () => {
  for (const [patienceMs, hurry] of [
    [100, never],
    [60_000, AbortSignal.timeout(100)],
  ] as const) {
    const node = launch(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')`)
    await expect.poll(() => node.tail(), SOON).toContain('up')
    expect(await node.stop(patienceMs, hurry)).toBe(false)
    expect(await node.exited).toEqual({ code: null, signal: 'SIGKILL' })
  }
})

test('an end is described by signal or exit code', () => {
  expect(describeEnd({ code: 1, signal: null })).toBe('exit code 1')
  expect(describeEnd({ code: null, signal: 'SIGKILL' })).toBe('signal SIGKILL')
  expect(describeEnd({ code: null, signal: null })).toBe('it could not be run')
})

const record = (level: number, msg: string, message?: string) =>
  JSON.stringify({ level, msg, ...(message ? { err: { message } } : {}) })

test.each([
  ['the last line for people', [record(50, 'x'), 'tako server: no', record(30, 'y')], 'tako server: no'],
  [
    'else the last record of an error',
    [record(60, 'cannot go on', 'no disk'), record(30, 'bye')],
    'cannot go on: no disk',
  ],
  ['else the last line', [record(30, 'a'), record(30, 'b')], record(30, 'b')],
  ['nothing of an empty log', [], undefined],
])('the reason of an end is %s', (_, lines, reason) => {
  expect(explainNodeLog(lines)).toBe(reason)
})
