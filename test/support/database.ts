import { randomBytes } from 'node:crypto'
import { connect, type Sql } from '../../src/database/connect.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { must } from '../../src/lib/must.ts'

/** A migrated database of a test's own. */
export interface TestDatabase {
  url: string
  sql: Sql
  /** Ends every session on it and removes it. */
  drop(): Promise<void>
}

const CLONE_ATTEMPTS = 100

/** Clones the template that the global setup has migrated: real tables in a real server, shared with nobody. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = must(process.env.TAKO_TEST_POSTGRES, 'the global setup has not run')
  const template = must(process.env.TAKO_TEST_TEMPLATE, 'the global setup has not run')
  const name = `tako_test_${randomBytes(8).toString('hex')}`
  await withServer(server, (admin) => clone(admin, template, name))
  const url = databaseUrl(server, name)
  const sql = connect(url, { purpose: 'test', owner: name, max: 10 })
  return {
    url,
    sql,
    async drop() {
      await sql.end({ timeout: 0 })
      await withServer(server, (admin) => admin`drop database if exists ${admin(name)} with (force)`)
    },
  }
}

/** The template cannot be copied while anybody, autovacuum included, is connected to it (55006): that passes. */
async function clone(admin: Sql, template: string, name: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await admin`create database ${admin(name)} template ${admin(template)}`
      return
    } catch (error) {
      const inUse = error instanceof Error && 'code' in error && error.code === '55006'
      if (!inUse || attempt === CLONE_ATTEMPTS) throw error
      await systemClock.sleep(20 + 30 * Math.random())
    }
  }
}

async function withServer(server: string, act: (admin: Sql) => Promise<unknown>): Promise<void> {
  const admin = connect(server, {
    purpose: 'test',
    owner: 'databases',
    max: 1,
    settings: { statement_timeout: 60_000, lock_timeout: 0 },
  })
  await Promise.resolve(act(admin)).finally(() => admin.end({ timeout: 1 }))
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
