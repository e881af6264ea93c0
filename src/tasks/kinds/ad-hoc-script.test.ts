import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createScriptPlace, recordOutput, type ScriptPlace } from '../../../test/support/scripts.ts'
import { until } from '../../../test/support/until.ts'
import { connect } from '../../database/connect.ts'
import { SECOND, systemClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { must } from '../../lib/must.ts'
import { endOf } from '../attempt-end.ts'
import { type AttemptContext, AttemptStop, type FinalState, NotStartedError, type StopReason } from '../kind.ts'
import { findOnPath } from '../script/interpreters.ts'
import { createAdHocScriptKind } from './ad-hoc-script.ts'
import type { AdHocScriptArguments } from './ad-hoc-script-arguments.ts'
import { outcomeOf } from './ad-hoc-script-outcome.ts'

let place: ScriptPlace

beforeEach(() => {
  place = createScriptPlace()
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await place.clear()
})

function start(input: Record<string, unknown>, more: Partial<AttemptContext<AdHocScriptArguments>> = {}) {
  const kind = createAdHocScriptKind({
    leaseFile: () => place.leaseFile,
    taskLeaseMs: 300 * SECOND,
    cancelGraceMs: 500,
    workFolder: place.workFolder,
  })
  const stopping = new AbortController()
  const output = recordOutput()
  const context: AttemptContext<AdHocScriptArguments> = {
    taskId: 7,
    attempt: 2,
    node: 'node-a',
    incarnation: place.incarnation,
    arguments: kind.parse(input),
    timeLimitMs: undefined,
    signal: stopping.signal,
    startBeforeMs: systemClock.monotonicMs() + 5 * SECOND,
    output,
    sql: connect('postgres://127.0.0.1:1/none', { purpose: 'test', owner: 'none', max: 1 }),
    clock: systemClock,
    log: silentLog,
    ...more,
  }
  const outcome = kind.run(context)
  const stop = (reason: StopReason, message: string) => stopping.abort(new AttemptStop(reason, message))
  return { outcome, output, stop }
}

test('the kind is a space task that a lost node fails', () => {
  const kind = createAdHocScriptKind({ leaseFile: () => '', taskLeaseMs: 1, cancelGraceMs: 1, workFolder: '' })
  expect(kind).toMatchObject({
    name: 'AdHocScript',
    scope: 'space',
    runsOn: 'any node',
    whenLost: 'fail',
    createPermission: 'TaskCreate',
  })
  expect(kind.describe(kind.parse({ ScriptBody: 'x', Syntax: 'Python' }))).toBe('Run a Python script on the server')
})

test('exit code 0 is success; lines on the standard error are warnings and no failure', async () => {
  expect(await start({ ScriptBody: 'echo fine' }).outcome).toEqual({
    state: 'Success',
    exitCode: 0,
    hasWarnings: false,
  })
  expect(await start({ ScriptBody: 'echo hm >&2' }).outcome).toEqual({
    state: 'Success',
    exitCode: 0,
    hasWarnings: true,
  })
})

test('any other exit code is a failure that names it', async () => {
  expect(await start({ ScriptBody: 'exit 3' }).outcome).toEqual({
    state: 'Failed',
    cause: 'The script exited with code 3.',
    exitCode: 3,
    hasWarnings: false,
  })
  expect(await start({ ScriptBody: 'kill -KILL $$' }).outcome).toMatchObject({
    state: 'Failed',
    cause: 'The script exited with code 137, which stands for SIGKILL: it, or a program it ran last, was killed.',
  })
})

test('arguments and variables reach the script; Windows line ends do no harm to Bash', async () => {
  const { outcome, output } = start({
    ScriptBody: 'for word in "$@"; do\r\n  echo "<$word>"\r\ndone\r\necho "$GREETING"\r\n',
    ScriptArguments: ['a b', '', '$c'],
    EnvironmentVariables: { GREETING: 'hello\nworld' },
  })
  expect(await outcome).toMatchObject({ state: 'Success' })
  expect(output.textOf('output')).toBe('<a b>\n<>\n<$c>\nhello\nworld')
})

test('the script sees the documented environment and no secret of the node', async () => {
  const secrets = {
    TAKO_DATABASE_URL: 'postgres://user:sesame1@host/db',
    TAKO_MASTER_KEY: 'sesame2',
    TAKO_ADMIN_PASSWORD: 'sesame3',
    TAKO_ADMIN_API_KEY: 'API-SESAME4',
    PGPASSWORD: 'sesame5',
    SOME_TOKEN: 'sesame6',
  }
  for (const [name, value] of Object.entries(secrets)) vi.stubEnv(name, value)
  const { outcome, output } = start({
    ScriptBody: `
      env | cut -d= -f1 | sort | xargs
      echo "$TAKO_TASK_ID $TAKO_NODE $TAKO_ATTEMPT $HOME $MINE"
      for pid in $$ $PPID; do tr '\\0' '\\n' </proc/$pid/environ; tr '\\0' '\\n' </proc/$pid/cmdline; done`,
    EnvironmentVariables: { MINE: 'yes', HOME: '/else' },
  })
  expect(await outcome).toMatchObject({ state: 'Success', hasWarnings: false })
  const [names, values, ...ofProcesses] = output.textOf('output').split('\n')
  // PWD, SHLVL and _ are Bash's own
  expect(names).toBe('HOME LANG MINE PATH PWD SHLVL TAKO_ATTEMPT TAKO_NODE TAKO_TASK_ID TMPDIR _')
  expect(values).toBe(`ServerTasks-7 node-a 7/2/${place.incarnation} /else yes`)
  expect(ofProcesses).toContain('MINE=yes')
  expect(output.textOf('output').toLowerCase()).not.toContain('sesame')
})

test('the body is not among the arguments of a process, which everybody can read', async () => {
  const { outcome, output } = start({ ScriptBody: 'cat /proc/$$/cmdline /proc/$PPID/cmdline; echo # hush' })
  expect(await outcome).toMatchObject({ state: 'Success' })
  expect(output.textOf('output')).toContain('script.sh')
  expect(output.textOf('output')).not.toContain('hush')
})

test('Python runs where the host has it', async ({ skip }) => {
  if ((await findOnPath('python3', process.env.PATH ?? '')) === undefined) skip('this machine has no python3')
  const { outcome, output } = start({
    ScriptBody: 'import sys, os\nprint("größe", sys.argv[1:], os.environ["TAKO_NODE"])\nsys.exit(4)',
    Syntax: 'Python',
    ScriptArguments: ['x'],
  })
  expect(await outcome).toMatchObject({ state: 'Failed', exitCode: 4 })
  expect(output.textOf('output')).toBe("größe ['x'] node-a")
})

test('PowerShell runs where the host has it', async ({ skip }) => {
  if ((await findOnPath('pwsh', process.env.PATH ?? '')) === undefined) skip('this machine has no pwsh')
  const { outcome, output } = start({
    ScriptBody: 'Write-Output "hi $($args[0])"; exit 4',
    Syntax: 'PowerShell',
    ScriptArguments: ['x'],
  })
  expect(await outcome).toMatchObject({ state: 'Failed', exitCode: 4 })
  expect(output.textOf('output')).toBe('hi x')
})

test('an interpreter that the server does not have fails the task with a sentence', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tako-path-'))
  symlinkSync(must(await findOnPath('bash', process.env.PATH ?? '')), join(folder, 'bash'))
  vi.stubEnv('PATH', folder)
  expect(await start({ ScriptBody: 'Get-Date', Syntax: 'PowerShell' }).outcome).toEqual({
    state: 'Failed',
    cause: expect.stringMatching(/^The server node-a has no PowerShell \(pwsh\) on its PATH/),
  })
  rmSync(folder, { recursive: true })
})

test.each<[StopReason, string, FinalState | undefined, string]>([
  ['cancel', 'Cancelled by alice.', 'Canceled', 'Cancelled by alice.'],
  ['time limit', 'Its time limit has run out.', 'TimedOut', 'It ran longer than its time limit of 5s.'],
  ['node stopping', 'node-a was stopped while it ran.', 'Failed', 'node-a was stopped while it ran.'],
])(
  'a stop for the reason %s ends the script, and the task as the asker meant it',
  async (reason, message, state, cause) => {
    const { outcome, output, stop } = start({ ScriptBody: 'echo on; trap "exit 0" TERM; while :; do sleep 0.05; done' })
    await until('the first line', () => output.lines.length > 0)
    stop(reason, message)
    const error = await outcome.then(
      () => 'it ended by itself',
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(AttemptStop)
    const facts = { stop: new AttemptStop(reason, message), whenLost: 'fail', timeLimitMs: 5 * SECOND } as const
    expect(endOf({ error }, facts)).toMatchObject({ do: 'end', state, cause })
    expect(readdirSync(place.workFolder)).toEqual([])
  },
)

test('too old a claim is handed back as never started', async () => {
  const { outcome } = start({ ScriptBody: 'echo on' }, { startBeforeMs: systemClock.monotonicMs() - 1 })
  await expect(outcome).rejects.toThrow(NotStartedError)
})

test('a lost guard and a lease that ended fail the task in words', () => {
  const { signal } = new AbortController()
  expect(outcomeOf({ how: 'guard lost', cause: 'Gone.' }, signal)).toEqual({ state: 'Failed', cause: 'Gone.' })
  expect(outcomeOf({ how: 'lease ended' }, signal)).toMatchObject({
    state: 'Failed',
    cause: expect.stringContaining('task lease'),
  })
})
