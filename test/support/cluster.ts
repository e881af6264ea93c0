import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Sql } from '../../src/database/connect.ts'
import { ApiClient } from './api-client.ts'
import { createTestDatabase } from './database.ts'
import { until } from './until.ts'

/** The checkout, whose `dist` the nodes run. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const ADMIN_KEY = 'API-TESTADMINKEY0123456789ABCDEFG'

/** Short leases, so that deaths are judged within a test's patience; in the proportions of the defaults. */
const FAST = {
  TAKO_HEARTBEAT_INTERVAL: '250ms',
  TAKO_LEASE_DURATION: '1500ms',
  TAKO_TASK_LEASE: 'fail=6s,rerun=5s,resume=5s',
  TAKO_CANCEL_GRACE: '1s',
  TAKO_LAME_DUCK: '0s',
  TAKO_STOP_DEADLINE: '5s',
}
export const LEASE_MS = 1500

/** One real node process. */
export interface TestNode {
  readonly name: string
  readonly url: string
  readonly pid: number
  /** The HTTP API through this very node, as administrator. */
  readonly api: ApiClient
  /** Ends when the process has. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Everything it has printed so far. */
  output(): string
  signal(signal: NodeJS.Signals): void
  /** SIGTERM, and wait for the end. */
  stop(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** The status of its ping, or 0 when it does not answer. */
  ping(): Promise<number>
}

export interface TestCluster {
  readonly databaseUrl: string
  readonly sql: Sql
  readonly sharedDir: string
  /** Starts a node and waits until its ping answers 200 (or, when it joins drained, 418). */
  start(name: string, environment?: Record<string, string>, root?: string): Promise<TestNode>
  /** Starts a node, of the installation in `root` if that is given, and waits for nothing. */
  launch(name: string, environment?: Record<string, string>, root?: string): Promise<TestNode>
  /** Ends every node that still runs, and removes database and folder. */
  close(): Promise<void>
}

/** An empty database and folder, for real node processes to make a cluster of. */
export async function createTestCluster(common: Record<string, string> = {}): Promise<TestCluster> {
  const database = await createTestDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'tako-cluster-'))
  const children: ChildProcess[] = []
  const sharedDir = join(folder, 'shared')

  async function launch(name: string, environment: Record<string, string> = {}, root = ROOT): Promise<TestNode> {
    const port = environment.TAKO_LISTEN ? Number(environment.TAKO_LISTEN.split(':').at(-1)) : await freePort()
    const child = spawn(process.execPath, [join(root, 'bin', 'tako.js'), 'server'], {
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        ...FAST,
        TAKO_NAME: name,
        TAKO_LISTEN: `127.0.0.1:${port}`,
        TAKO_DATABASE_URL: database.url,
        TAKO_SHARED_DIR: sharedDir,
        TAKO_ADMIN_PASSWORD: 'correct horse battery',
        TAKO_ADMIN_API_KEY: ADMIN_KEY,
        ...common,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.push(child)
    return watchNode(name, `http://127.0.0.1:${port}`, child)
  }

  return {
    databaseUrl: database.url,
    sql: database.sql,
    sharedDir,
    launch,
    async start(name, environment, root) {
      const node = await launch(name, environment, root)
      await ready(node)
      return node
    },
    async close() {
      for (const child of children) if (isAlive(child)) child.kill('SIGKILL')
      await Promise.all(children.filter(isAlive).map((child) => once(child, 'exit')))
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}

function watchNode(name: string, url: string, child: ChildProcess): TestNode {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-200_000)
    })
  }
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }))
  return {
    name,
    url,
    pid: child.pid ?? -1,
    api: new ApiClient(url, ADMIN_KEY),
    exited,
    output: () => output,
    signal: (signal) => void child.kill(signal),
    async stop() {
      child.kill('SIGTERM')
      return await exited
    },
    ping: async () =>
      await fetch(`${url}/api/octopusservernodes/ping`, { signal: AbortSignal.timeout(2000) }).then(
        (response) => response.status,
        () => 0,
      ),
  }
}

async function ready(node: TestNode): Promise<void> {
  let ended = false
  void node.exited.then(() => {
    ended = true
  })
  await until(
    `${node.name} answers its ping`,
    async () => {
      if (ended) throw new Error(`${node.name} ended at its start:\n${node.output()}`)
      return [200, 418].includes(await node.ping())
    },
    20_000,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${node.output().slice(-4000)}`)
  })
}

/** A port of the loopback address that is free at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
