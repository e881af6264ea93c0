import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { defaultTimings } from '../cluster/timings.ts'
import { readServerOptions, serverHelp } from './options.ts'

const needed = ['--database-url', 'postgres://a@b/c', '--shared-dir', '/tmp/shared']

test('a flag wins over the environment, the environment over the default', () => {
  expect(readServerOptions(needed, {}).taskCap).toBe(5)
  expect(readServerOptions(needed, { TAKO_TASK_CAP: '7' }).taskCap).toBe(7)
  expect(readServerOptions([...needed, '--task-cap=9'], { TAKO_TASK_CAP: '7' }).taskCap).toBe(9)
  expect(readServerOptions([...needed, '--drained'], {}).drained).toBe(true)
})

test('without timings the defaults hold, and node names are lower case', () => {
  const options = readServerOptions([...needed, '--name', 'NODE-A'], {})
  expect(options.timings).toEqual(defaultTimings)
  expect(options.name).toBe('node-a')
  expect(options.nodeUrl).toBe('http://127.0.0.1:8081')
})

test('task leases are given for all or for each way of settling', () => {
  expect(readServerOptions([...needed, '--task-lease', '30s'], {}).timings.taskLeaseMs).toEqual({
    fail: 30_000,
    rerun: 30_000,
    resume: 30_000,
  })
  expect(readServerOptions(needed, { TAKO_TASK_LEASE: 'rerun=40s' }).timings.taskLeaseMs).toEqual({
    ...defaultTimings.taskLeaseMs,
    rerun: 40_000,
  })
})

test.each([
  ['--task-cap', '-1'],
  ['--task-cap', '1.5'],
  ['--task-cap', '1000000000'],
  ['--name', 'no spaces'],
  ['--name', 'x'.repeat(300)],
  ['--listen', '8081'],
  ['--listen', 'host:99999'],
  ['--lease-duration', 'soon'],
  ['--drain-status', '200'],
  ['--master-key', 'short'],
  ['--admin-api-key', 'api-lower'],
  ['--database-url', 'mysql://x'],
])('%s %s is refused with a sentence that names the option', (flag, value) => {
  expect(() => readServerOptions([...needed, flag, value], {})).toThrow(flag)
})

test('an unknown option, and one without its value, are refused', () => {
  expect(() => readServerOptions([...needed, '--taskcap', '5'], {})).toThrow('"--taskcap" is not an option')
  expect(() => readServerOptions(['--name'], {})).toThrow('--name needs a value')
})

test('the help names every environment variable once', () => {
  const help = serverHelp()
  for (const name of ['TAKO_NAME', 'TAKO_LEASE_DURATION', 'TAKO_DRAIN_STATUS', 'TAKO_ADMIN_API_KEY']) {
    expect(help.split('\n').filter((line) => line.trim() === name)).toHaveLength(1)
  }
})

test('the README has every option with its environment variable', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const lines = serverHelp().split('\n')
  const flags = lines.flatMap((line) => /^ {2}(--[a-z-]+)/.exec(line)?.[1] ?? [])
  const variables = lines.flatMap((line) => /^ {6}(TAKO_[A-Z_]+)$/.exec(line)?.[1] ?? [])
  expect(flags.length).toBeGreaterThan(20)
  expect(variables).toHaveLength(flags.length)
  for (const [index, flag] of flags.entries()) expect(readme).toContain(`| \`${flag}\` | \`${variables[index]}\` |`)
})
