import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../../src/database/connect.ts'
import { migrate } from '../../src/database/migrate.ts'
import { startEmbeddedPostgres } from '../../src/up/embedded-postgres.ts'

/** Nothing has to survive a crash of the machine. */
const FAST_AND_FORGETFUL = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

interface TestServer {
  url: string
  stop(): Promise<void>
}

/**
 * Runs once before all tests: a server (an embedded one, or the one of TAKO_TEST_POSTGRES, whose role may create
 * databases) and in it a migrated template, which `createTestDatabase` clones. The tests find both in their environment.
 */
export async function setup(): Promise<() => Promise<void>> {
  const given = process.env.TAKO_TEST_POSTGRES
  const server = given ? { url: given, stop: async () => {} } : await startThrowawayServer()
  const template = `tako_template_${randomBytes(6).toString('hex')}`
  try {
    await createTemplate(server.url, template)
  } catch (error) {
    await server.stop()
    throw error
  }
  process.env.TAKO_TEST_POSTGRES = server.url
  process.env.TAKO_TEST_TEMPLATE = template
  return async () => {
    if (given) await dropTemplate(given, template)
    else delete process.env.TAKO_TEST_POSTGRES
    await server.stop()
  }
}

async function startThrowawayServer(): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tako-test-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const server = await startEmbeddedPostgres({ dataDir: folder, settings: FAST_AND_FORGETFUL, orphanSeconds: 0 })
    return { url: server.url, stop: () => server.stop().finally(remove) }
  } catch (error) {
    remove()
    throw error
  }
}

async function createTemplate(server: string, name: string): Promise<void> {
  const admin = connect(server, { purpose: 'test', owner: 'setup', max: 1 })
  await admin`create database ${admin(name)} template template0 encoding 'UTF8'`.finally(() =>
    admin.end({ timeout: 5 }),
  )
  const address = new URL(server)
  address.pathname = `/${name}`
  const sql = connect(address.href, { purpose: 'test', owner: 'setup', max: 1 })
  await migrate(sql).finally(() => sql.end({ timeout: 5 }))
}

async function dropTemplate(server: string, name: string): Promise<void> {
  const admin = connect(server, { purpose: 'test', owner: 'setup', max: 1 })
  await admin`drop database if exists ${admin(name)} with (force)`.finally(() => admin.end({ timeout: 5 }))
}
