import type { Sql } from '../../src/database/connect.ts'
import { createPasswordHasher } from '../../src/identity/passwords.ts'
import type { Role } from '../../src/identity/permissions.ts'
import { createSession } from '../../src/identity/sessions.ts'
import { findPassword, insertUser } from '../../src/identity/users.ts'
import { must, only } from '../../src/lib/must.ts'
import { openFrontDoor } from '../../src/up/front-door.ts'
import { ApiClient } from './api-client.ts'
import { CHEAP_PASSWORDS } from './api-server.ts'
import { ADMIN_KEY, createTestCluster, freePort, type TestNode } from './cluster.ts'
import { until } from './until.ts'

/** The password of every user. */
export const PASSWORD = 'correct horse battery'

/** A cookie as a browser takes it. */
export interface SessionCookie {
  name: string
  value: string
  url: string
}

/** Real nodes behind the front door of `tako up`. */
export interface ConsoleCluster {
  /** The front door's address. */
  readonly url: string
  /** The API as administrator, through the front door. */
  readonly api: ApiClient
  readonly sql: Sql
  /** The node's process, the latest of that name. */
  node(name: string): TestNode
  /** SIGKILL, and waits until the process is gone. */
  kill(name: string): Promise<void>
  /** Starts a node, of the installation in `root` if that is given, at its old address if it had one, and waits until the front door sends requests to it. */
  start(name: string, environment?: Record<string, string>, root?: string): Promise<TestNode>
  /** The name of the user of that role, who is made on first use; `admin` is the administrator. */
  userOf(role: Role): Promise<string>
  /** Starts a session of that user and returns its cookies. */
  sessionOf(username: string): Promise<SessionCookie[]>
  /** Ends every session at once, as time does. */
  expireSessions(): Promise<void>
  close(): Promise<void>
}

/** Starts the named nodes. `environment` is that of every node. */
export async function createConsoleCluster(
  names: readonly string[] = ['node-a', 'node-b', 'node-c'],
  environment: Record<string, string> = {},
): Promise<ConsoleCluster> {
  const cluster = await createTestCluster(environment)
  const { sql } = cluster
  const places = await Promise.all(names.map(async (name) => ({ name, port: await freePort() })))
  const targets = places.map(({ name, port }) => ({ name, url: `http://127.0.0.1:${port}` }))
  const door = await openFrontDoor({ host: '127.0.0.1', port: 0, nodes: targets })
  const url = `http://127.0.0.1:${door.port}`
  const nodes = new Map<string, TestNode>()

  async function start(name: string, more: Record<string, string> = {}, root?: string): Promise<TestNode> {
    const place = must(
      places.find((one) => one.name === name),
      `${name} is not one of ${names.join(', ')}`,
    )
    const node = await cluster.start(name, { TAKO_LISTEN: `127.0.0.1:${place.port}`, ...more }, root)
    nodes.set(name, node)
    await until(`the front door sends requests to ${name}`, () =>
      ['ready', 'drained'].includes(door.nodes.find((one) => one.name === name)?.health ?? ''),
    )
    return node
  }

  async function close(): Promise<void> {
    await door.close()
    await cluster.close()
  }

  try {
    for (const name of names) await start(name)
  } catch (error) {
    await close()
    throw error
  }
  const node = (name: string) => must(nodes.get(name), `${name} was not started`)
  return {
    url,
    api: new ApiClient(url, ADMIN_KEY),
    sql,
    node,
    async kill(name) {
      node(name).signal('SIGKILL')
      await node(name).exited
    },
    start,
    userOf: (role) => ensureUser(sql, role),
    sessionOf: (username) => startSession(sql, username, url),
    async expireSessions() {
      await sql`update session set expires_at = clock_timestamp() - interval '1 second'`
    },
    close,
  }
}

async function ensureUser(sql: Sql, role: Role): Promise<string> {
  if (role === 'administrator') return 'admin'
  await insertUser(sql, {
    username: role,
    displayName: `The ${role}`,
    email: null,
    role,
    isActive: true,
    isService: false,
    passwordHash: await createPasswordHasher(CHEAP_PASSWORDS).hash(PASSWORD),
  })
  return role
}

async function startSession(sql: Sql, username: string, url: string): Promise<SessionCookie[]> {
  const user = must(await findPassword(sql, username), `there is no user ${username}`)
  const session = { userId: user.id, isRemembered: false, address: '127.0.0.1', userAgent: 'test' }
  const { token, csrfToken } = await createSession(sql, session)
  const { id } = only(await sql<{ id: string }[]>`select installation_id as id from cluster`)
  return [
    { name: `OctopusIdentificationToken_${id}`, value: token, url },
    { name: `Octopus-Csrf-Token_${id}`, value: csrfToken, url },
  ]
}
