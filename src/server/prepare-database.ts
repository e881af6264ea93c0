import type { Sql } from '../database/connect.ts'
import { migrate } from '../database/migrate.ts'
import { schemaNumber } from '../database/migrations/all.ts'
import type { Clock } from '../lib/clock.ts'
import { ConfigurationError, messageOf } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'

/** Oldest server whose features the statements rely on (`client_connection_check_interval`). */
const OLDEST_SERVER = 140_000
const RETRY_MS = 1000

export interface PreparedDatabase {
  installationId: string
  /** Set when newer nodes have brought the schema further than this code knows: why this node must claim nothing. */
  newerSchema: string | undefined
}

/**
 * Brings the schema up to date, waiting for as long as no server can be reached. Throws a ConfigurationError, a sentence
 * without the password, for what waiting does not mend: a refused password, a missing database, a missing right, an old server.
 */
export async function prepareDatabase(
  sql: Sql,
  deps: { clock: Clock; log: Log; signal: AbortSignal },
): Promise<PreparedDatabase> {
  for (;;) {
    deps.signal.throwIfAborted()
    try {
      return await prepareOnce(sql)
    } catch (error) {
      const sentence = hopeless(error)
      if (sentence) throw new ConfigurationError(sentence, { cause: error })
      deps.log.warn({ reason: messageOf(error) }, 'the database cannot be used yet; trying again each second')
      await deps.clock.sleep(RETRY_MS, deps.signal)
    }
  }
}

async function prepareOnce(sql: Sql): Promise<PreparedDatabase> {
  const [server] = await sql<{ version: number }[]>`select current_setting('server_version_num')::int as version`
  if (server && server.version < OLDEST_SERVER) {
    throw new ConfigurationError(
      `The database server is PostgreSQL ${Math.floor(server.version / 10_000)}; Tako needs 14 or later.`,
    )
  }
  const number = await migrate(sql)
  const [cluster] = await sql<{ id: string }[]>`select installation_id::text as id from cluster`
  return {
    installationId: cluster?.id ?? '',
    newerSchema:
      number > schemaNumber
        ? `This node's version knows schema ${schemaNumber}, the database has ${number}: update this node. Until then it takes no tasks.`
        : undefined,
  }
}

/** The sentence for a failure that will not pass by itself; undefined for one that may. */
export function hopeless(error: unknown): string | undefined {
  if (error instanceof ConfigurationError) return error.message
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const said = messageOf(error)
  switch (code) {
    case '28P01':
    case '28000':
      return `The database refuses the login (${said}). Check the user and the password in TAKO_DATABASE_URL.`
    case '3D000':
      return `The database does not exist (${said}). Create it, or correct its name in TAKO_DATABASE_URL.`
    case '42501':
      return `The database user lacks a right (${said}). It must own the database, or be allowed to create tables in its schema.`
    case 'ENOTFOUND':
      return `The database server's name is not known (${said}). Correct the host in TAKO_DATABASE_URL.`
    default:
      return undefined
  }
}
