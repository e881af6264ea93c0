import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { must } from '../../src/lib/must.ts'
import { findFreePort, isPortFree } from '../../src/up/free-port.ts'
import { readRecord } from '../../src/up/up-record.ts'

/** How long a condition may take to come about on a busy machine. */
const SOON = { timeout: 15_000 }

const TAKO = resolve('bin', 'tako.js')
const READY_MS = 60_000
const SHORT_MS = 60_000

let folder = ''
let dataDir = ''
let port = 0
const started: Up[] = []

/** A running `tako up`, with what it has said. */
interface Up {
  child: ChildProcess
  out: () => string
  errors: () => string
  exit: Promise<number | string>
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tako-up-'))
  dataDir = join(folder, '.tako')
  port = await findPortWithFollowers()
})

afterAll(async () => {
  for (const up of started) {
    up.child.kill('SIGTERM')
    await up.exit
  }
  rmSync(folder, { recursive: true, force: true })
})

/** A free port with as many free ones after it as there are nodes. */
async function findPortWithFollowers(): Promise<number> {
  for (;;) {
    const first = await findFreePort('127.0.0.1')
    const free = await Promise.all([1, 2, 3].map((step) => isPortFree(first + step, '127.0.0.1')))
    if (first < 65_000 && free.every(Boolean)) return first
  }
}

function up(more: { env?: Record<string, string>; dataDir?: string; port?: number } = {}): Up {
  const args = ['up', '--port', String(more.port ?? port), '--data-dir', more.dataDir ?? '.tako']
  const env = { ...process.env, ...more.env }
  const child = spawn(process.execPath, [TAKO, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const exit = once(child, 'close').then(([code, signal]) => code ?? signal)
  const running = { child, out: () => out, errors: () => errors, exit }
  started.push(running)
  return running
}

async function ready(running: Up): Promise<Up> {
  await expect.poll(() => running.out() + running.errors(), { timeout: READY_MS }).toMatch(/Ctrl-C stops|tako up:/)
  expect(running.errors()).toBe('')
  return running
}

async function ping(at: number): Promise<number> {
  return fetch(`http://127.0.0.1:${at}/api/octopusservernodes/ping`).then(
    ({ status }) => status,
    () => 0,
  )
}

const pings = () => Promise.all([0, 1, 2, 3].map((step) => ping(port + step)))
const pidOf = (name: string) => must(readRecord(join(dataDir, 'up.json')).find((node) => node.name === name)).pid
const postgresPid = () =>
  Number(readFileSync(join(dataDir, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
const modeOf = (path: string) => statSync(join(dataDir, path)).mode & 0o777

async function expectNothingLeft(): Promise<void> {
  expect(await Promise.all([0, 1, 2, 3].map((step) => isPortFree(port + step, '127.0.0.1')))).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect(existsSync(join(dataDir, 'postgres', 'data', 'postmaster.pid'))).toBe(false)
  expect(existsSync(join(dataDir, 'up.json'))).toBe(false)
}

test(
  'one command starts three nodes on one address, tells how to get in, and Ctrl-C stops it all',
  async () => {
    const first = await ready(up())
    expect(await pings()).toEqual([200, 200, 200, 200])
    const password = readFileSync(join(dataDir, 'admin-password'), 'utf8').trim()
    expect(first.out()).toContain(`http://localhost:${port}`)
    expect(first.out()).toMatch(new RegExp(`user +admin\n +password +${password} `))
    for (const step of [1, 2, 3]) expect(first.out()).toContain(`http://127.0.0.1:${port + step}`)
    expect(['admin-password', 'master-key', 'node-a.env', 'up.json'].map(modeOf)).toEqual([0o600, 0o600, 0o600, 0o600])
    expect(first.out()).toMatch(/^\[ *[\d.]+ s\] Cluster ready$/m)
    first.child.kill('SIGINT')
    expect(await first.exit).toBe(0)
    expect(first.errors()).toBe('')
    await expectNothingLeft()
  },
  4 * READY_MS,
)

test(
  'a second "tako up" on the folder is refused while the first lives; what is killed alone is told and comes back',
  async () => {
    const first = await ready(up())
    const second = up({ port: await findPortWithFollowers() })
    expect(await second.exit).toBe(1)
    expect(second.errors()).toBe(
      `tako up: Another "tako up" (process ${first.child.pid}) already runs on ${dataDir}: stop it with Ctrl-C, or choose another --data-dir and --port.\n`,
    )
    expect(await pings()).toEqual([200, 200, 200, 200])

    process.kill(pidOf('node-b'), 'SIGKILL')
    await expect
      .poll(() => first.out(), SOON)
      .toContain('node-b has ended (signal SIGKILL). Bring it back with: env $(cat ')
    expect(await Promise.all([1, 2, 3, 4].map(() => ping(port)))).toEqual([200, 200, 200, 200])
    expect(await ping(port + 2)).toBe(0)
    const command = must(/Bring it back with: (.*)/.exec(first.out())?.[1]).replace(
      'npx tako',
      `${process.execPath} ${TAKO}`,
    )
    const byHand = spawn('sh', ['-c', `exec ${command}`], { cwd: folder, stdio: 'ignore' })
    await expect.poll(() => ping(port + 2), { timeout: READY_MS }).toBe(200)
    byHand.kill('SIGTERM')
    expect(await once(byHand, 'exit')).toEqual([0, null])

    const before = postgresPid()
    process.kill(before, 'SIGKILL')
    await expect.poll(() => first.out(), { timeout: READY_MS }).toContain('PostgreSQL is back')
    expect(postgresPid()).not.toBe(before)
    await expect.poll(() => ping(port), { timeout: READY_MS }).toBe(200)

    first.child.kill('SIGTERM')
    expect(await first.exit).toBe(0)
    await expectNothingLeft()
  },
  4 * READY_MS,
)

test(
  'after kill -9 of the supervisor the nodes end by themselves, and the next start takes everything over',
  async () => {
    const first = await ready(up())
    const nodes = ['node-a', 'node-b', 'node-c'].map(pidOf)
    const password = readFileSync(join(dataDir, 'admin-password'), 'utf8')
    const database = postgresPid()
    first.child.kill('SIGKILL')
    await first.exit
    const second = await ready(up())
    expect(readFileSync(join(dataDir, 'admin-password'), 'utf8')).toBe(password)
    expect(postgresPid()).not.toBe(database)
    expect(['node-a', 'node-b', 'node-c'].map(pidOf).some((pid) => nodes.includes(pid))).toBe(false)
    expect(await pings()).toEqual([200, 200, 200, 200])

    // A frozen node would hold an orderly stop up; the second Ctrl-C does not wait for it.
    process.kill(pidOf('node-c'), 'SIGSTOP')
    second.child.kill('SIGINT')
    await expect.poll(() => second.out(), { timeout: READY_MS }).toContain('Still busy: node-c.')
    second.child.kill('SIGINT')
    expect(await second.exit).toBe(130)
    expect(second.out()).toContain('node-c was killed')
    await expectNothingLeft()
  },
  4 * READY_MS,
)

test(
  'a used port is one sentence and exit code 1, and nothing is left running',
  async () => {
    for (const [step, whose] of [
      [0, 'the cluster'],
      [2, 'node-b'],
    ] as const) {
      const stranger = createServer().listen(port + step, '127.0.0.1')
      await once(stranger, 'listening')
      const refused = up()
      expect(await refused.exit).toBe(1)
      expect(refused.errors()).toBe(
        `tako up: Port ${port + step}, meant for ${whose}, is in use by another program: stop that one, or choose other ports with --port.\n`,
      )
      stranger.close()
      await once(stranger, 'close')
      await expectNothingLeft()
    }
  },
  SHORT_MS,
)

test('a folder that cannot be made is one sentence and exit code 1', async () => {
  writeFileSync(join(folder, 'file'), '')
  const refused = up({ dataDir: join(folder, 'file', '.tako') })
  expect(await refused.exit).toBe(1)
  expect(refused.errors()).toBe(
    `tako up: Cannot create the data folder ${join(folder, 'file', '.tako')}: a part of its path is no folder.\n`,
  )
})

test(
  'a setting that the nodes refuse is told in their words, and nothing is left running',
  async () => {
    const refused = up({ env: { TAKO_LEASE_DURATION: 'bad' } })
    expect(await refused.exit).toBe(1)
    expect(refused.errors()).toMatch(
      /^tako up: node-[abc] did not start \(exit code 1\): .*--lease-duration \(TAKO_LEASE_DURATION\) is "bad".*\n$/,
    )
    await expectNothingLeft()
  },
  READY_MS,
)

test('the logs of the nodes are kept', () => {
  expect(readdirSync(join(dataDir, 'logs')).sort()).toEqual(['node-a.log', 'node-b.log', 'node-c.log'])
})
