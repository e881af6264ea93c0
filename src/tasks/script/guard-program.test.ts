import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createScriptPlace, isRunning, pidIn, type ScriptPlace } from '../../../test/support/scripts.ts'
import { until } from '../../../test/support/until.ts'
import { leaseLine } from '../../cluster/lease.ts'
import { bootSeconds } from '../../cluster/lease-file.ts'
import { SECOND } from '../../lib/clock.ts'
import { must } from '../../lib/must.ts'
import { ATTEMPT_VARIABLE, attemptMark, GUARD_VARIABLE } from './attempt-mark.ts'
import { killAttemptProcesses } from './kill-attempts.ts'
import { createScriptFolder } from './script-folder.ts'

/**
 * Holds a guard as a node does, and nothing more: starts it, lets it begin, keeps its lifeline, repeats what it says. A
 * process of its own, so that it can be killed and frozen.
 */
const HOLDER = `
  const [bash, ...args] = process.argv.slice(1)
  const env = { PATH: process.env.PATH, LC_ALL: 'C', ${GUARD_VARIABLE}: process.env.MARK }
  const guard = require('node:child_process').spawn(bash, args, { detached: true, env, cwd: '/', stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] })
  console.log('guard ' + guard.pid)
  guard.stdio[3].on('data', (text) => {
    process.stdout.write(text)
    if (String(text).includes('ready')) guard.stdio[4].write('go\\n')
  })
  guard.stdio[4].resume()
  guard.on('exit', () => console.log('gone'))
  setInterval(() => {}, 1000)
`

let place: ScriptPlace
const holders: ChildProcess[] = []

beforeEach(() => {
  place = createScriptPlace()
})
afterEach(async () => {
  for (const holder of holders.splice(0)) holder.kill('SIGKILL')
  await place.clear()
})

interface Held {
  holder: ChildProcess
  /** What the guard said, and `guard <pid>` and `gone` of the holder. */
  said: string[]
  folder: string
  number(word: string): Promise<number>
}

async function hold(body: string, more: { trustMs?: number; startWithinMs?: number } = {}): Promise<Held> {
  const attempt = { taskId: 7, attempt: 1, incarnation: place.incarnation }
  const mark = attemptMark(attempt)
  const environment = { PATH: must(process.env.PATH), [ATTEMPT_VARIABLE]: mark, PLACE: place.folder }
  const folder = await createScriptFolder(place.workFolder, attempt, { body, fileName: 'script.sh', environment })
  const startBefore = bootSeconds() * SECOND + (more.startWithinMs ?? 5000)
  const options = [
    mark,
    place.leaseFile,
    String(more.trustMs ?? 60_000),
    String(Math.floor(startBefore)),
    folder.path,
    '',
  ]
  const args = ['-p', folder.guardFile, ...options, 'bash', '--norc', folder.scriptFile]
  const holder = spawn(process.execPath, ['-e', HOLDER, 'bash', ...args], {
    env: { PATH: process.env.PATH, MARK: mark },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  holders.push(holder)
  const said: string[] = []
  createInterface({ input: must(holder.stdout) }).on('line', (line) => said.push(line))
  const number = async (word: string) => Number((await until(`the word ${word}`, () => find(said, word))).split(' ')[1])
  return { holder, said, folder: folder.path, number }
}

const find = (said: readonly string[], word: string) => said.find((line) => line.split(' ')[0] === word)
const isSaid = (said: readonly string[], line: string) => until(`the guard to say ${line}`, () => said.includes(line))
const isGone = (pid: number, ms?: number) => until(`process ${pid} to be gone`, () => !isRunning(pid), ms)

/** Writes the process id of what it runs to a file of the place, and goes on for ever, deaf to every polite signal. */
const DEAF = (name: string) => `(trap '' TERM HUP INT; echo $BASHPID >"$PLACE/${name}"; while :; do sleep 1; done)`

test('kill -9 of the node: script and daemons die at once, the folder goes', async () => {
  const { holder, number, folder } = await hold(`
    setsid bash -c '${'(trap "" TERM HUP; echo $BASHPID >"$PLACE/daemon"; while :; do sleep 1; done) &'}' &
    ${DEAF('script')}`)
  const script = await until('the script', () => pidIn(place, 'script'))
  const daemon = await until('the daemon', () => pidIn(place, 'daemon'))
  const guard = await number('guard')
  expect([script, daemon, guard].every(isRunning)).toBe(true)
  holder.kill('SIGKILL')
  for (const pid of [script, daemon, guard]) await isGone(pid, 3000)
  await until('the folder to be gone', () => !existsSync(folder))
})

test('what begins in the moment of the end dies with the attempt, also without control groups', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { said, holder } = await hold('for i in 1 2 3 4 5 6 7 8; do setsid setsid sleep 1000 & done')
    await isSaid(said, 'exit 0')
    expect(await killAttemptProcesses({ incarnation: place.incarnation })).toBe(0)
    holder.kill('SIGKILL')
  }
})

test('a frozen node: its script is killed when the lease has run out, not before', async () => {
  const { holder, said } = await hold(DEAF('script'), { trustMs: 2000 })
  const script = await until('the script', () => pidIn(place, 'script'))
  holder.kill('SIGSTOP')
  const frozenAt = Date.now()
  place.beat()
  await isGone(script, 6000)
  const tookMs = Date.now() - frozenAt
  expect(tookMs).toBeGreaterThan(1900)
  expect(tookMs).toBeLessThan(4500)
  holder.kill('SIGCONT')
  await isSaid(said, 'killed lease')
  await isSaid(said, 'exit 137')
})

test('a lease that is renewed lets the script go on', async () => {
  const { said } = await hold('sleep 3; echo done >"$PLACE/done"; exit 4', { trustMs: 1500 })
  const beats = setInterval(() => place.beat(), 300)
  await isSaid(said, 'exit 4').finally(() => clearInterval(beats))
  expect(existsSync(join(place.folder, 'done'))).toBe(true)
  expect(said).not.toContain('killed lease')
})

test.each([
  ['says zero', () => leaseLine(0, place.incarnation)],
  ['belongs to another incarnation', () => leaseLine(bootSeconds(), '22222222-2222-4222-8222-222222222222')],
])('a lease file that %s ends a running script soon', async (_, line) => {
  const { said } = await hold(DEAF('script'))
  const script = await until('the script', () => pidIn(place, 'script'))
  writeFileSync(place.leaseFile, line())
  await isGone(script, 4000)
  await isSaid(said, 'killed lease')
})

test('a lease file that cannot be read for a while harms no script that has time left', async () => {
  const { said } = await hold('touch "$PLACE/running"; sleep 3; exit 5')
  await until('the script', () => existsSync(join(place.folder, 'running')))
  writeFileSync(place.leaseFile, '')
  await isSaid(said, 'exit 5')
})

test.each([
  ['is missing', undefined],
  ['is empty', () => ''],
  ['is torn', () => leaseLine(bootSeconds(), place.incarnation).trimEnd()],
  ['is no lease', () => `now ${place.incarnation}\n`],
  ['says zero', () => leaseLine(0, place.incarnation)],
  ['is too old', () => leaseLine(bootSeconds() - 61, place.incarnation)],
  ['belongs to another incarnation', () => leaseLine(bootSeconds(), '22222222-2222-4222-8222-222222222222')],
])('nothing begins when the lease file %s', async (_, line) => {
  if (line) writeFileSync(place.leaseFile, line())
  else rmSync(place.leaseFile)
  const { said } = await hold('touch "$PLACE/ran"')
  await isSaid(said, 'gone')
  expect(said).toContain('no trust')
  expect(find(said, 'started')).toBeUndefined()
  expect(existsSync(join(place.folder, 'ran'))).toBe(false)
})

test('nothing begins after the moment before which it had to', async () => {
  const { said } = await hold('touch "$PLACE/ran"', { startWithinMs: -1 })
  await isSaid(said, 'gone')
  expect(said).toContain('too late')
  expect(find(said, 'started')).toBeUndefined()
  expect(existsSync(join(place.folder, 'ran'))).toBe(false)
})

test('a script cannot end its guard with the signals that end most programs', async () => {
  const { said } = await hold(
    'for s in HUP INT QUIT TERM USR1 USR2 PIPE TSTP; do kill -$s $PPID; done; sleep 0.2; exit 6',
  )
  await isSaid(said, 'exit 6')
})

test('when the guard itself is killed, its watcher still ends the script with the lease', async () => {
  const { holder, number } = await hold(DEAF('script'), { trustMs: 2000 })
  const script = await until('the script', () => pidIn(place, 'script'))
  holder.kill('SIGSTOP')
  process.kill(await number('guard'), 'SIGKILL')
  await isGone(script, 6000)
})

test('the script leads a session of its own, with signals, descriptors and standard input as a program expects them', async () => {
  const { said } = await hold(`
    exec >"$PLACE/seen" 2>&1
    grep -E '^Sig(Ign|Blk)' /proc/self/status
    cd /proc/$$/fd; for fd in *; do [ -e $fd ] && fds="$fds $fd"; done; echo fds$fds
    readlink 0
    read -r _ _ _ _ group session _ </proc/$$/stat
    [ "$group" = $$ ] && [ "$session" = $$ ] && echo leader
    echo complete`)
  await isSaid(said, 'exit 0')
  const seen = readFileSync(join(place.folder, 'seen'), 'utf8')
  expect(seen).toContain('SigIgn:\t0000000000000000')
  expect(seen).toContain('SigBlk:\t0000000000000000')
  expect(seen).toMatch(/fds 0 1 2 255\n/)
  expect(seen).toContain('/dev/null\nleader\ncomplete')
})

test('an attempt takes nothing along that the node was started with', async () => {
  const { number } = await hold(DEAF('script'))
  const script = await until('the script', () => pidIn(place, 'script'))
  const environment = readFileSync(`/proc/${script}/environ`, 'latin1')
    .split('\0')
    .map((pair) => pair.split('=')[0])
  expect(environment.sort()).toEqual(['', 'PATH', 'PLACE', 'PWD', 'TAKO_ATTEMPT', 'TMPDIR'])
  const guard = await number('guard')
  expect(readFileSync(`/proc/${guard}/environ`, 'latin1')).not.toContain(`${ATTEMPT_VARIABLE}=`)
  expect(
    readdirSync(`/proc/${guard}/fd`)
      .map(Number)
      .filter((fd) => fd > 9 && fd < 255),
  ).toEqual([])
})

test('a node that dies before it says go leaves nothing', async () => {
  const { holder, number } = await hold('touch "$PLACE/ran"; sleep 100')
  const guard = await number('guard')
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  await isGone(guard, 3000)
  expect(pidIn(place, 'ran')).toBeUndefined()
})
