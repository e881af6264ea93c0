import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createScriptPlace, isRunning, pidIn, recordOutput, type ScriptPlace } from '../../../test/support/scripts.ts'
import { until } from '../../../test/support/until.ts'
import { SECOND, systemClock } from '../../lib/clock.ts'
import { must } from '../../lib/must.ts'
import { createCgroup, removeCgroup } from './attempt-cgroup.ts'
import { ATTEMPT_VARIABLE, attemptMark } from './attempt-mark.ts'
import { runScript, type ScriptOptions } from './script-process.ts'

let place: ScriptPlace
let beats: NodeJS.Timeout

beforeEach(() => {
  place = createScriptPlace()
  beats = setInterval(() => place.beat(), 500)
})
afterEach(async () => {
  clearInterval(beats)
  await place.clear()
})

function start(body: string, more: Partial<ScriptOptions> & { taskId?: number } = {}) {
  const stopping = new AbortController()
  const output = recordOutput()
  const attempt = { taskId: more.taskId ?? 7, attempt: 1, incarnation: place.incarnation }
  const end = runScript({
    attempt,
    body,
    fileName: 'script.sh',
    interpreter: ['/bin/bash', '--norc'],
    scriptArguments: [],
    environment: { PATH: must(process.env.PATH), [ATTEMPT_VARIABLE]: attemptMark(attempt), PLACE: place.folder },
    workFolder: place.workFolder,
    leaseFile: place.leaseFile,
    taskLeaseMs: 300 * SECOND,
    startBeforeMs: systemClock.monotonicMs() + 5 * SECOND,
    graceMs: 1 * SECOND,
    signal: stopping.signal,
    output,
    clock: systemClock,
    ...more,
  })
  return { end, output, stop: () => stopping.abort() }
}

/** The processes of the guard that runs, its main one first; what has begun to be a script is not among them. */
function guards(): number[] {
  const name = `TAKO_GUARD=7/1/${place.incarnation}\0`
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && environmentOf(pid).includes(name))
    .sort((a, b) => a - b)
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
  } catch {
    return ''
  }
}

const isGone = (pid: number, ms = 3000) => until(`process ${pid} to be gone`, () => !isRunning(pid), ms)
const running = (name: string) => until(`the process ${name}`, () => pidIn(place, name))
const left = () => (existsSync(place.workFolder) ? readdirSync(place.workFolder) : [])

/** Writes its process id to a file of the place and goes on for ever, deaf to every polite signal. */
const DEAF = (name: string) => `(trap '' TERM HUP INT; echo $BASHPID >"$PLACE/${name}"; while :; do sleep 1; done)`

test('a script has its output, its errors, its arguments and its exit code, and leaves no folder', async () => {
  const { end, output } = start('echo "out $1 $#"; echo err >&2; printf "no end"; exit 3', {
    scriptArguments: ["a 'b' $c", ''],
  })
  expect(await end).toEqual({ how: 'exited', code: 3, wroteErrors: true })
  await output.end()
  expect(output.textOf('output')).toBe("out a 'b' $c 2\nno end")
  expect(output.textOf('error')).toBe('err')
  expect(left()).toEqual([])
})

test('a signal that ends the script counts as exit code 128 plus its number', async () => {
  expect(await start('kill -SEGV $$').end).toEqual({ how: 'exited', code: 139, wroteErrors: false })
})

test('a script may open its streams by name, which not every pipe allows', async () => {
  const { end, output } = start(
    'echo one >/dev/stdout; echo two | tee /dev/stderr; echo three >/proc/self/fd/2; cat /dev/stdin',
  )
  expect(await end).toMatchObject({ code: 0 })
  expect(output.textOf('output')).toBe('one\ntwo')
  expect(output.textOf('error')).toBe('two\nthree')
})

test('the variables arrive as they were given, whatever they hold, and lie on no disk while the script runs', async () => {
  const value = ' a\nb "c" \'d\' $e `f` \\ ü€😀 = '
  const { end, output } = start(
    'printf "%s" "$GIVEN"; echo; until [ ! -e ../environment ]; do sleep 0.01; done; pwd; echo "$TMPDIR"; find .. -type f -exec basename {} \\; | sort',
    { environment: { PATH: must(process.env.PATH), GIVEN: value } },
  )
  expect(await end).toMatchObject({ code: 0 })
  const [text, here, temporary, ...files] = output.textOf('output').replace(value, 'as given').split('\n')
  expect(text).toBe('as given')
  expect(here).toMatch(new RegExp(`^${place.workFolder}/.*/work$`))
  expect(temporary).toBe(here)
  expect(files).toEqual(['group', 'guard', 'script.sh'])
})

test('a daemon dies with its attempt, however it was made', async () => {
  const { end } = start(`
    nohup ${DEAF('nohup')
      .replace(/^\((.*)\)$/s, "bash -c '$1'")
      .replaceAll("trap '' TERM", 'trap "" TERM')} >/dev/null 2>&1 &
    setsid bash -c 'trap "" TERM HUP; echo $BASHPID >"$PLACE/session"; while :; do sleep 1; done' &
    (setsid bash -c '(trap "" TERM HUP; echo $BASHPID >"$PLACE/double"; while :; do sleep 1; done) & exit' &)
    set -m
    ${DEAF('job')} &
    for name in nohup session double job; do until [ -s "$PLACE/$name" ]; do sleep 0.01; done; done
    exit 0`)
  const daemons = await Promise.all(['nohup', 'session', 'double', 'job'].map(running))
  expect(await end).toMatchObject({ how: 'exited', code: 0 })
  expect(daemons.filter(isRunning)).toEqual([])
})

test('what begins in the very moment of the end dies as well', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { end } = start('for i in 1 2 3 4 5; do setsid sleep 1000 & done')
    await end
    const alive = readdirSync('/proc').filter((pid) =>
      environmentOf(Number(pid)).includes(`${ATTEMPT_VARIABLE}=7/1/${place.incarnation}`),
    )
    expect(alive).toEqual([])
  }
})

test('where the system has control groups, not even a daemon without its environment escapes', async ({ skip }) => {
  const cgroup = await createCgroup({ taskId: 0, attempt: 0, incarnation: place.incarnation })
  if (cgroup === undefined) skip('this process may not make control groups')
  else await removeCgroup(cgroup)
  const { end } = start(`
    env -i PLACE="$PLACE" PATH="$PATH" setsid bash -c '(trap "" TERM HUP; echo $BASHPID >"$PLACE/escaped"; while :; do sleep 1; done) & exit'
    until [ -s "$PLACE/escaped" ]; do sleep 0.01; done`)
  const escaped = await running('escaped')
  expect(await end).toMatchObject({ how: 'exited', code: 0 })
  expect(isRunning(escaped)).toBe(false)
  expect(existsSync(must(cgroup).replace('tako.0.0.', 'tako.7.1.'))).toBe(false)
})

test('something out of reach that holds the output open does not hold up the end for long', async () => {
  const { end, output } = start('echo said; until [ -e "$PLACE/go" ]; do sleep 0.01; done')
  await until('the first line', () => output.lines.length > 0)
  const held = openSync(join(place.workFolder, must(left()[0]), 'output'), 'w')
  writeFileSync(join(place.folder, 'go'), '')
  const asked = Date.now()
  expect(await end.finally(() => closeSync(held))).toMatchObject({ how: 'exited', code: 0 })
  expect(Date.now() - asked).toBeLessThan(4000)
})

test('output that waits for the writer is waited for, although the script has ended', async () => {
  const { end, output } = start('echo said; sleep 0.2; echo "and more"')
  output.setFull(true)
  await until('the first line', () => output.lines.length > 0)
  expect(await Promise.race([end, systemClock.sleep(2500)])).toBeUndefined()
  output.setFull(false)
  expect(await end).toMatchObject({ how: 'exited', code: 0 })
  expect(output.textOf('output')).toBe('said\nand more')
})

test('a script that is asked to stop may clean up within the grace', async () => {
  const { end, output, stop } = start(
    'trap \'echo cleaned; exit 0\' TERM; echo $$ >"$PLACE/script"; while :; do sleep 0.05; done',
  )
  await running('script')
  const asked = Date.now()
  stop()
  expect(await end).toEqual({ how: 'stopped' })
  expect(Date.now() - asked).toBeLessThan(1000)
  expect(output.textOf('output')).toBe('cleaned')
})

test('a script that does not listen is killed after the grace, and all it started', async () => {
  const { end, stop } = start(
    `trap '' TERM\nsetsid bash -c 'echo $BASHPID >"$PLACE/daemon"; while :; do sleep 1; done' &\n${DEAF('script')}`,
  )
  const pids = await Promise.all([running('script'), running('daemon')])
  const asked = Date.now()
  stop()
  expect(await end).toEqual({ how: 'stopped' })
  const tookMs = Date.now() - asked
  expect(tookMs).toBeGreaterThan(990)
  expect(tookMs).toBeLessThan(2500)
  expect(pids.filter(isRunning)).toEqual([])
})

test('a script that has ended by itself before it is asked to stop has exited', async () => {
  const { end, stop, output } = start('echo said; exit 0')
  output.setFull(true)
  await until('the first line', () => output.lines.length > 0)
  await until('the guard to be gone', () => guards().length === 0)
  stop()
  expect(await end).toMatchObject({ how: 'exited', code: 0 })
})

test('a stop before the start starts nothing', async () => {
  const stopped = new AbortController()
  stopped.abort()
  expect(await start('touch "$PLACE/ran"', { signal: stopped.signal }).end).toEqual({ how: 'stopped' })
  const { end, stop } = start('touch "$PLACE/ran"; sleep 100')
  stop()
  expect(await end).toEqual({ how: 'stopped' })
  expect(left()).toEqual([])
})

test('a full writer holds the script back, and nothing is lost', async () => {
  const { end, output } = start('for i in $(seq 1 20000); do echo "line $i"; done; echo done >"$PLACE/done"')
  output.setFull(true)
  await until('the first lines', () => output.lines.length > 0)
  await systemClock.sleep(500)
  const held = output.lines.length
  expect(existsSync(join(place.folder, 'done'))).toBe(false)
  await systemClock.sleep(300)
  expect(output.lines.length).toBe(held)
  output.setFull(false)
  expect(await end).toMatchObject({ code: 0 })
  expect(output.lines).toHaveLength(20_000)
  expect(output.lines.every(({ text }, i) => text === `line ${i + 1}`)).toBe(true)
})

test('a script that is held back can be stopped all the same', async () => {
  const { end, output, stop } = start('yes')
  output.setFull(true)
  await until('the first lines', () => output.lines.length > 0)
  const asked = Date.now()
  stop()
  expect(await end).toEqual({ how: 'stopped' })
  expect(Date.now() - asked).toBeLessThan(4000)
})

test('too old a claim and a lease that is not trusted start nothing', async () => {
  const late = await start('touch "$PLACE/ran"', { startBeforeMs: systemClock.monotonicMs() - 1 }).end
  expect(late).toMatchObject({ how: 'not started', cause: expect.stringContaining('older than a second') })
  clearInterval(beats)
  place.beat(400)
  const distrusted = await start('touch "$PLACE/ran"').end
  expect(distrusted).toMatchObject({ how: 'not started', cause: expect.stringContaining('lease') })
  expect(existsSync(join(place.folder, 'ran'))).toBe(false)
})

test('a lease that runs out ends the script, and the node hears why', async () => {
  clearInterval(beats)
  const { end } = start(DEAF('script'), { taskLeaseMs: 2500 })
  const script = await running('script')
  expect(await end).toEqual({ how: 'lease ended' })
  expect(isRunning(script)).toBe(false)
})

test.each([
  ['the guard', (pids: number[]) => pids.slice(0, 1)],
  ['its watcher', (pids: number[]) => pids.slice(1)],
  ['guard and watcher', (pids: number[]) => pids],
])('when %s is killed, the node ends the attempt and says so', async (_, choose) => {
  const { end } = start(
    `setsid ${'bash -c \'trap "" TERM; echo $BASHPID >"$PLACE/daemon"; while :; do sleep 1; done\''} &\n${DEAF('script')}`,
  )
  const pids = await Promise.all([running('script'), running('daemon')])
  const found = guards()
  expect(found).toHaveLength(2)
  for (const pid of choose(found)) process.kill(pid, 'SIGKILL')
  expect(await end).toMatchObject({
    how: 'guard lost',
    cause: expect.stringContaining('guard of this script was lost'),
  })
  for (const pid of [...pids, ...found]) await isGone(pid)
  expect(left()).toEqual([])
})

test('a frozen guard does not keep a script from being stopped', async () => {
  const { end, stop } = start(DEAF('script'))
  const script = await running('script')
  const found = guards()
  for (const pid of found) process.kill(pid, 'SIGSTOP')
  const asked = Date.now()
  stop()
  expect(await end).toEqual({ how: 'stopped' })
  expect(Date.now() - asked).toBeLessThan(3500)
  for (const pid of [script, ...found]) await isGone(pid)
})

test('an interpreter that vanished is an exit code like any other', async () => {
  const { end, output } = start('echo never', { interpreter: ['/nowhere/bash'] })
  expect(await end).toEqual({ how: 'exited', code: 127, wroteErrors: true })
  expect(output.textOf('error')).toContain('/nowhere/bash')
})

test('many scripts at once stay apart', async () => {
  const runs = Array.from({ length: 8 }, (_, i) => start(`sleep 0.2; echo ${i}; exit ${i}`, { taskId: 100 + i }))
  const ends = await Promise.all(runs.map(({ end }) => end))
  expect(ends.map((end) => (end.how === 'exited' ? end.code : end))).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  expect(runs.map(({ output }) => output.textOf('output'))).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
})
