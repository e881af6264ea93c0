import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../../dist/database/connect.js'
import { startEmbeddedPostgres } from '../../dist/up/embedded-postgres.js'

/** Building a large queue in one statement takes longer than the product allows any statement of its own. */
const PATIENT = { statement_timeout: 0, lock_timeout: 0, idle_in_transaction_session_timeout: 0 }

/** A session for the benchmarks' own statements. */
export function open(url) {
  return connect(url, { purpose: 'bench', owner: 'bench', max: 2, settings: PATIENT })
}

/**
 * A PostgreSQL server of our own in a temporary folder, with the product's settings and PostgreSQL's default durability
 * (fsync and synchronous_commit on). `createDatabase(name)` makes an empty database and resolves with its address;
 * `admin` is a session outside of all of them.
 */
export async function startServer() {
  const folder = mkdtempSync(join(tmpdir(), 'tako-bench-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const server = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), orphanSeconds: 0 })
    const admin = open(server.url)
    let made = 0
    return {
      folder,
      admin,
      async createDatabase(purpose) {
        made += 1
        const name = `${purpose.replaceAll(/\W/g, '_')}_${made}`
        await admin`create database ${admin(name)}`
        const url = new URL(server.url)
        url.pathname = `/${name}`
        return { name, url: url.href }
      },
      dropDatabase: ({ name }) => admin`drop database if exists ${admin(name)} with (force)`,
      async describe() {
        const [row] = await admin`
          select current_setting('server_version') as version, current_setting('fsync') as fsync,
            current_setting('synchronous_commit') as synchronous_commit, current_setting('shared_buffers') as shared_buffers`
        return { ...row }
      },
      async stop() {
        await admin.end({ timeout: 1 })
        await server.stop().finally(remove)
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}
