import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type CapturedCli, captureCli } from '../support/captured-cli.ts'
import { ADMIN_KEY, createTestCluster, freePort, type TestCluster, type TestNode } from '../support/cluster.ts'
import { type CliRunOptions, runCliProcess, startCli } from '../support/run-cli.ts'
import { until } from '../support/until.ts'

const PASSWORD = 'correct horse battery'

let cluster: TestCluster
let a: TestNode
let b: TestNode
let home: string
let local: CapturedCli

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tako-cli-home-'))
  local = captureCli()
  cluster = await createTestCluster()
  a = await cluster.start('node-a', { TAKO_LISTEN: `127.0.0.1:${await freePort()}` })
  b = await cluster.start('node-b')
})
afterAll(async () => {
  await cluster.close()
  rmSync(home, { recursive: true, force: true })
  local.remove()
})

/** Whatever a test leaves behind: the next one finds a cluster that works and is idle. */
afterEach(async () => {
  await a.api.post('/api/queue/resume')
  const left = (await a.api.get('/api/tasks?active=true&take=100')).Items
  for (const task of left) await a.api.post(`/api/tasks/${task.Id}/cancel`)
  const nodes: { Id: string; Drain: unknown }[] = (await a.api.get('/api/octopusservernodes/summary')).Nodes
  for (const node of nodes.filter((one) => one.Drain)) await a.api.post(`/api/octopusservernodes/${node.Id}/undrain`)
})

const asAdmin = () => ({ TAKO_URL: a.url, TAKO_API_KEY: ADMIN_KEY })

/** Runs a command as administrator: in this process, which is quicker, unless it reads its standard input. */
function tako(args: readonly string[], { env, input }: Pick<CliRunOptions, 'env' | 'input'> = {}) {
  const environment = { ...asAdmin(), ...env }
  return input === undefined ? local.run(args, environment) : runCliProcess(args, { env: environment, input })
}

async function json(args: readonly string[]) {
  const { stdout, stderr, exitCode } = await tako([...args, '--json'])
  if (exitCode !== 0) throw new Error(`${args.join(' ')}: exit ${exitCode}: ${stderr}`)
  return JSON.parse(stdout)
}

async function runOn(node: string, script: string): Promise<string> {
  const others = (await json(['node', 'list'])).Nodes.filter((other: { Name: string }) => other.Name !== node)
  for (const { Name: name } of others) await tako(['node', 'cap', name, '0'])
  const { stdout } = await tako(['task', 'run', script])
  const id = stdout.trim()
  await until(`${id} runs on ${node}`, async () => (await json(['task', 'show', id])).NodeName === node)
  for (const { Name: name } of others) await tako(['node', 'cap', name, '5'])
  return id
}

/** A script that ends when the file is there. */
function untilThere(file: string): string {
  return `until [ -e ${file} ]; do sleep 0.1; done`
}

describe('nodes', () => {
  test('the program itself, in its own process, lists them', async () => {
    const { exitCode, stdout, stderr } = await runCliProcess(['node', 'list'], { env: asAdmin() })
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/^node-b /m),
      stderr: '',
    })
  })

  test('the list shows rank, status, last seen, tasks and cap of each node, and the cluster', async () => {
    const { exitCode, stdout, stderr } = await tako(['node', 'list'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatch(/^NODE +RANK +STATUS +LAST SEEN +TASKS/)
    expect(stdout).toMatch(/^node-a +leader +online +now +0\/5 /m)
    expect(stdout).toMatch(/^node-b +follower +online +now +0\/5 /m)
    expect(stdout).toMatch(/^Leader node-a for .+ \(term \d+\)\. 0 of 10 slots taken, nothing queued\.$/m)
  })

  test('what is read with --json is exactly what the API answers, and what was set can be read', async () => {
    const shown = await json(['node', 'show', 'NODE-A'])
    const answered = await a.api.get('/api/octopusservernodes/OctopusServerNodes-node-a')
    expect(Object.keys(shown)).toEqual(Object.keys(answered))
    expect(await tako(['node', 'cap', 'node-b', '7'])).toMatchObject({
      exitCode: 0,
      stdout: 'node-b runs at most 7 tasks at once.\n',
    })
    expect((await json(['node', 'show', 'node-b'])).MaxConcurrentTasks).toBe(7)
    await tako(['node', 'cap', 'node-b', '5'])
  })

  test('a change made here is audited with its actor and with before and after', async () => {
    await tako(['node', 'cap', 'node-b', '6'])
    await tako(['node', 'cap', 'node-b', '5'])
    const [event] = (await json(['event', 'list', '--related', 'OctopusServerNodes-node-b', '--take', '1'])).Items
    expect(event).toMatchObject({ Username: 'admin', UserAgent: expect.stringContaining('tako-cli/') })
    expect(JSON.stringify(event.ChangeDetails)).toMatch(/6.*5/)
  })

  test('a cap that is none is refused by the program or by the server, and nothing changes', async () => {
    expect((await tako(['node', 'cap', 'node-b', '-1'])).exitCode).toBe(2)
    expect((await tako(['node', 'cap', 'node-b', '100000000'])).exitCode).toBe(2)
    expect((await json(['node', 'show', 'node-b'])).MaxConcurrentTasks).toBe(5)
  })

  test('a node that is not there, and the deletion of one that is online, fail with a sentence', async () => {
    expect(await tako(['node', 'show', 'node-x'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('node-x'),
    })
    expect(await tako(['node', 'delete', 'node-b'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/online/i),
    })
    expect(await tako(['node', 'declare-dead', 'node-b'])).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('--confirm node-b'),
    })
    expect((await tako(['node', 'declare-dead', 'node-b', '--confirm', 'node-b'])).exitCode).toBe(1)
    expect((await json(['node', 'show', 'node-b'])).IsOffline).toBe(false)
  })
})

describe('drain', () => {
  test('--wait shows how it goes and ends when the node is drained', async () => {
    const gate = join(home, 'drain-gate')
    const id = await runOn('node-b', untilThere(gate))
    const args = ['node', 'drain', 'node-b', '--reason', 'new kernel', '--wait', '--timeout', '25s']
    const waiting = startCli(args, { env: asAdmin() })
    await until('it shows progress', () => waiting.output.stdout.includes('draining'))
    writeFileSync(gate, '')
    const drain = await waiting.done
    expect(drain).toMatchObject({ exitCode: 0, stderr: '' })
    expect(drain.stdout).toMatch(/^node-b: draining, 1 task running \(longest \d+(s|ms)\)$/m)
    expect(drain.stdout).toMatch(/^node-b: drained$/m)
    expect((await json(['task', 'show', id])).State).toBe('Success')
    expect((await tako(['node', 'show', 'node-b'])).stdout).toMatch(/asked for by admin .*: new kernel/)
    expect((await tako(['node', 'undrain', 'node-b'])).stdout).toBe('node-b takes tasks again (task cap 5).\n')
  })

  test('when the time is up it returns 3 and the drain goes on; --cancel-tasks ends what runs', async () => {
    const id = await runOn('node-b', 'sleep 60')
    const first = await tako(['node', 'drain', 'node-b', '--wait', '--timeout', '2s'])
    expect(first).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('node-b still runs 1 task and goes on draining.'),
    })
    const second = await tako(['node', 'drain', 'node-b', '--wait', '--cancel-tasks', '--timeout', '20s'])
    expect(second).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`canceling ${id}`) })
    expect((await json(['task', 'show', id])).State).toBe('Canceled')
    await tako(['node', 'undrain', 'node-b'])
  })

  test('draining the last node is refused with 4 until it is confirmed, and can be undone through that node', async () => {
    await tako(['node', 'drain', 'node-b'])
    const refused = await tako(['node', 'drain', 'node-a'])
    expect(refused).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('--confirm-last-node') })
    expect((await tako(['node', 'drain', 'node-a', '--confirm-last-node', '--wait'])).exitCode).toBe(0)
    for (const name of ['node-a', 'node-b']) expect((await tako(['node', 'undrain', name])).exitCode).toBe(0)
    await until('a leader is there again', async () => (await json(['leader', 'show'])).NodeName !== null)
  })

  test('a wait for a drain that somebody else ends fails and says so', async () => {
    const id = await runOn('node-b', 'sleep 60')
    const wait = startCli(['node', 'drain', 'node-b', '--wait'], { env: asAdmin() })
    await until('it waits', () => wait.output.stdout.includes('draining'))
    await tako(['node', 'undrain', 'node-b'])
    expect(await wait.done).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('was ended') })
    await tako(['task', 'cancel', id])
  })
})

describe('tasks', () => {
  test('run prints the id; show, list, wait and log tell of it', async () => {
    const { stdout } = await tako(['task', 'run', 'echo one; echo two', '--description', 'two lines'])
    expect(stdout).toMatch(/^ServerTasks-\d+\n$/)
    const id = stdout.trim()
    expect(await tako(['task', 'wait', id])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(`^${id} Success on node-`),
    })
    expect((await tako(['task', 'show', id])).stdout).toMatch(/State +Success/)
    expect((await tako(['task', 'list', '--text', 'two lines'])).stdout).toContain(id)
    expect((await tako(['task', 'log', id])).stdout).toBe('one\ntwo\n')
    expect((await tako(['task', 'log', id, '--raw'])).stdout).toMatch(/one[\s\S]*two/)
    const log = await json(['task', 'log', id])
    expect(log).toMatchObject({ TaskId: id, From: 0, IsCompleted: true })
    expect(log.Lines).toHaveLength(log.TotalLines)
  })

  test('--follow streams both outputs apart and ends as the task does', async () => {
    const good = await tako(['task', 'run', 'echo out; echo err >&2', '--follow'])
    expect(good).toMatchObject({ exitCode: 0, stdout: 'out\n' })
    expect(good.stderr).toMatch(/^err$/m)
    const bad = await tako(['task', 'run', 'echo before; exit 3', '--follow'])
    expect(bad).toMatchObject({
      exitCode: 1,
      stdout: 'before\n',
      stderr: expect.stringMatching(/Failed on node-.*: .*3/),
    })
  })

  test('the log arrives while the task runs', async () => {
    const gate = join(home, 'log-gate')
    const script = `echo first; ${untilThere(gate)}; echo last`
    const run = startCli(['task', 'run', script, '--follow'], { env: asAdmin() })
    await until('the first line is there', () => run.output.stdout === 'first\n')
    writeFileSync(gate, '')
    expect(await run.done).toMatchObject({ exitCode: 0, stdout: 'first\nlast\n' })
  })

  test('a script comes from standard input or a file, with arguments and environment', async () => {
    const piped = await tako(['task', 'run', '-', '--follow', '--arg', 'a b', '--arg=--c', '--env', 'LEVEL=3=4'], {
      input: 'echo "$# $1 $2 $LEVEL"\n',
    })
    expect(piped.stdout).toBe('2 a b --c 3=4\n')
    const file = join(home, 'script.py')
    writeFileSync(file, 'print(6 * 7)\n')
    expect((await tako(['task', 'run', '--file', file, '--follow'])).stdout).toBe('42\n')
  })

  test('another kind takes its arguments as JSON; one that is not there is a wrong call', async () => {
    expect((await tako(['task', 'run', '--kind', 'SystemIntegrityCheck', '--follow'])).exitCode).toBe(0)
    expect((await tako(['task', 'run', '--kind', 'Nonsense'])).exitCode).toBe(2)
    expect((await tako(['task', 'run', ''])).exitCode).toBe(2)
  })

  test('wait returns 1 when one of the tasks ended otherwise, 3 when its time is up', async () => {
    const ids = await Promise.all(
      ['true', 'false'].map(async (script) => (await tako(['task', 'run', script])).stdout.trim()),
    )
    expect((await tako(['task', 'wait', ...ids])).exitCode).toBe(1)
    const slow = (await tako(['task', 'run', 'sleep 60'])).stdout.trim()
    expect(await tako(['task', 'wait', slow, '--timeout', '1s'])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining(slow),
    })
    expect(await tako(['task', 'run', 'sleep 60', '--follow', '--timeout', '1s'])).toMatchObject({ exitCode: 3 })
    const running = (await json(['task', 'list', '--running'])).Items.map((task: { Id: string }) => task.Id)
    expect(running).toContain(slow)
    expect((await tako(['task', 'cancel', ...running])).exitCode).toBe(0)
    expect(await tako(['task', 'wait', slow])).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('Canceled'),
    })
  })

  test('a task that is not there is a failure, for every command', async () => {
    for (const command of ['show', 'log', 'wait', 'cancel', 'rerun', 'top', 'abandon']) {
      expect(await tako(['task', command, '999999'])).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('ServerTasks-999999'),
      })
    }
  })

  test('a paused queue says why a task waits; top moves it up; rerun runs it again', async () => {
    expect((await tako(['queue', 'pause', '--reason', 'release freeze'])).stdout).toContain('paused by admin')
    const first = (await tako(['task', 'run', 'echo first'])).stdout.trim()
    const second = (await tako(['task', 'run', 'echo second'])).stdout.trim()
    expect((await tako(['task', 'show', second])).stdout).toMatch(
      /Waits because +.*paused[\s\S]*Position +after 1 other task$/m,
    )
    expect((await tako(['task', 'top', second])).stdout).toBe(`${second} is at the top of the queue.\n`)
    expect((await tako(['task', 'show', second])).stdout).toMatch(/Position +the next of the queue$/m)
    expect((await tako(['node', 'list'])).stdout).toContain('release freeze')
    expect((await tako(['queue', 'resume'])).stdout).toContain('The queue is not paused.')
    expect((await tako(['task', 'wait', first, second])).exitCode).toBe(0)
    const again = await tako(['task', 'rerun', first, '--follow'])
    expect(again).toMatchObject({ exitCode: 0, stdout: 'first\n' })
  })

  test('Ctrl-C without a terminal leaves the task running', async () => {
    const run = startCli(['task', 'run', 'echo up; sleep 60', '--follow'], { env: asAdmin() })
    await until('it runs', () => run.output.stdout === 'up\n')
    run.signal('SIGINT')
    const { exitCode, stderr } = await run.done
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: expect.stringContaining('goes on without you') })
    const id = /ServerTasks-\d+/.exec(stderr)?.[0] ?? ''
    expect((await json(['task', 'show', id])).State).toBe('Executing')
    await tako(['task', 'cancel', id])
  })

  test('a reader that goes away ends the program quietly', async () => {
    const id = (await tako(['task', 'run', 'seq 1 20000'])).stdout.trim()
    await tako(['task', 'wait', id])
    const run = startCli(['task', 'log', id], { env: asAdmin() })
    run.closeOutput()
    expect((await run.done).stderr).not.toMatch(/EPIPE|Error/)
  })

  test('following survives the death of the node that answers, and shows each line once', async () => {
    await tako(['node', 'cap', 'node-a', '0'])
    const script = 'for i in $(seq 1 60); do echo $i; sleep 0.1; done'
    const run = startCli(['task', 'run', script, '--follow'], { env: asAdmin() })
    await until('some lines are there', () => run.output.stdout.includes('\n10\n'))
    const listen = a.url.replace('http://', '')
    a.signal('SIGKILL')
    await a.exited
    a = await cluster.start('node-a', { TAKO_LISTEN: listen })
    const { exitCode, stdout, stderr } = await run.done
    expect(stdout).toBe(Array.from({ length: 60 }, (_, index) => `${index + 1}\n`).join(''))
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringContaining('trying again') })
    await tako(['node', 'cap', 'node-a', '5'])
  })
})

describe('who asks', () => {
  test('login keeps a key of its own that only its owner can read; logout deletes it on both sides', async () => {
    const env = { TAKO_URL: a.url, HOME: home }
    const login = await runCliProcess(['login', '--username', 'admin'], { env, input: `${PASSWORD}\n` })
    expect(login).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('as admin') })
    const file = join(home, '.config', 'tako', 'credentials.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect((await runCliProcess(['whoami'], { env })).stdout).toMatch(/^admin\n[\s\S]*Role +administrator/)
    const keys = await runCliProcess(['api-key', 'list'], { env })
    expect(keys.stdout).toContain('tako CLI on ')
    expect((await runCliProcess(['logout'], { env })).exitCode).toBe(0)
    expect((await tako(['api-key', 'list'])).stdout).not.toContain('tako CLI on ')
    const after = await runCliProcess(['whoami'], { env })
    expect(after).toMatchObject({ exitCode: 4, stderr: expect.stringContaining(`tako login --url ${a.url}`) })
  })

  test('a wrong password is refused with 4 and keeps nothing', async () => {
    const env = { TAKO_URL: a.url, HOME: home, TAKO_PASSWORD: 'wrong' }
    expect((await runCliProcess(['login', '--username', 'admin'], { env })).exitCode).toBe(4)
  })

  test('beside the data folder of a local cluster no login is needed', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'tako-up-'))
    mkdirSync(join(cwd, '.tako'))
    writeFileSync(join(cwd, '.tako', 'admin-password'), `${PASSWORD}\n`)
    const run = await runCliProcess(['task', 'run', 'echo hello', '--follow'], { cwd, env: { TAKO_URL: a.url } })
    expect(run).toMatchObject({ exitCode: 0, stdout: 'hello\n' })
    rmSync(cwd, { recursive: true })
  })

  test('a missing right is refused with 4 and the name of the permission', async () => {
    expect((await tako(['user', 'create', 'robot', '--role', 'viewer', '--service'])).exitCode).toBe(0)
    const created = await tako(['api-key', 'create', '--user', 'robot', '--purpose', 'test', '--expires', '1d'])
    const env = { TAKO_API_KEY: created.stdout.trim() }
    expect((await tako(['node', 'list'], { env })).exitCode).toBe(0)
    const refused = await tako(['node', 'drain', 'node-b'], { env })
    expect(refused).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('ServerNodeEdit') })
    expect((await tako(['user', 'delete', 'robot'])).exitCode).toBe(0)
    await until('the key is refused', async () => (await tako(['node', 'list'], { env })).exitCode === 4)
  })

  // Passwords are slow to hash on purpose.
  test('users are created, given passwords and deleted', { timeout: 60_000 }, async () => {
    const input = 'a long enough password\n'
    expect(await tako(['user', 'create', 'ann', '--role', 'operator'], { input })).toMatchObject({
      exitCode: 0,
      stderr: '',
    })
    expect((await tako(['user', 'list'])).stdout).toMatch(/^ann +Users-\d+ +operator/m)
    expect((await tako(['user', 'password', 'ann'], { input: 'another long password\n' })).exitCode).toBe(0)
    const env = { TAKO_URL: a.url, HOME: home }
    const login = await runCliProcess(['login', '--username', 'ann'], { env, input: 'another long password\n' })
    expect(login.exitCode).toBe(0)
    const own = await runCliProcess(['user', 'password'], {
      env,
      input: 'another long password\na third long password\n',
    })
    expect(own).toMatchObject({ exitCode: 0, stderr: '' })
    expect((await runCliProcess(['logout'], { env })).exitCode).toBe(0)
    expect((await tako(['user', 'delete', 'ann'])).exitCode).toBe(0)
    expect((await tako(['user', 'list'])).stdout).not.toContain('ann')
  })
})

describe('leader and jobs', () => {
  test('the leader steps down for another node', async () => {
    const before = await json(['leader', 'show'])
    expect((await tako(['leader', 'step-down', '--reason', 'test'])).exitCode).toBe(0)
    const after = await until('another node leads', async () => {
      const now = await json(['leader', 'show'])
      return now.NodeName !== null && now.NodeName !== before.NodeName ? now : undefined
    })
    expect(after.Term).toBeGreaterThan(before.Term)
  })

  test('a recurring job is run, switched off and on', async () => {
    const [job] = (await json(['job', 'list'])).TaskStatus
    expect(await tako(['job', 'run', job.Name])).toMatchObject({ exitCode: 0 })
    expect((await tako(['job', 'disable', job.Name])).exitCode).toBe(0)
    expect((await tako(['job', 'list'])).stdout).toMatch(/disabled/)
    expect((await tako(['job', 'enable', job.Name])).exitCode).toBe(0)
    expect((await tako(['job', 'run', 'nonsense'])).exitCode).toBe(1)
  })
})

test('a stopped node is deleted, and a second time there is nothing to delete', async () => {
  await b.stop()
  expect(await tako(['node', 'delete', 'node-b'])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('node-b is deleted'),
  })
  expect((await tako(['node', 'delete', 'node-b'])).exitCode).toBe(1)
})
