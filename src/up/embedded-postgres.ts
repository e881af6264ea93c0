import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { connect } from '../database/connect.ts'
import { ConfigurationError } from '../lib/errors.ts'
import { withFiles, withFilesLater } from './file-fault.ts'
import { type FolderLock, lockFolder } from './folder-lock.ts'
import { findFreePort, isPortFree } from './free-port.ts'
import { choosePostgresAccount } from './postgres-account.ts'
import { preparePostgresBinaries } from './postgres-binaries.ts'
import { ensureDatabaseFiles, keptPassword, openPostgresFolder, type PostgresFolder, ROLE } from './postgres-folder.ts'
import { endLeftovers } from './postgres-leftovers.ts'
import {
  launchPostgres,
  PortTakenError,
  type PostgresLaunch,
  type PostgresProcess,
  type ProcessEnd,
} from './postgres-process.ts'

const HOST = '127.0.0.1'
const DATABASE = 'tako'
const PORT_ATTEMPTS = 5

const SETTINGS = {
  listen_addresses: HOST,
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '128MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
}

export interface EmbeddedPostgresOptions {
  /** The folder for database files, password, port and log; created when missing. */
  dataDir: string
  /** Server settings beyond, or in place of, our own. */
  settings?: Record<string, string>
  /** Called with what is being done, when it may take a while. */
  onProgress?: (sentence: string) => void
  /** Gives the start up: what has been started is stopped, and the promise rejects with an AbortError. */
  signal?: AbortSignal
  /** When this process is killed, the server shuts down by itself after so many seconds (default 10). */
  orphanSeconds?: number
}

/** A running PostgreSQL server of our own. */
export interface EmbeddedPostgres {
  /** Address of the database `tako`, with role and password. */
  url: string
  port: number
  pid: number
  /** Resolves when the server has ended, for whatever reason. */
  exited: Promise<ProcessEnd>
  /** Shuts the server down in order and gives the folder free. */
  stop(): Promise<void>
}

/**
 * Starts a real PostgreSQL on 127.0.0.1 over the files in `dataDir`, which it creates the first time; resolves when the
 * database `tako` accepts connections. Runs for an ordinary user as well as for root, whose server runs under an
 * unprivileged account. What a killed predecessor left behind is taken over. Rejects with a ConfigurationError, in one
 * sentence, when the surroundings make it impossible.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const folder = openPostgresFolder(resolve(options.dataDir))
  const lock = await takeFolder(folder)
  try {
    const { server, port } = await startLocked(folder, options)
    const url = `postgres://${ROLE}:${keptPassword(folder)}@${HOST}:${port}/${DATABASE}`
    const stop = () => server.stop().finally(() => lock.release())
    try {
      await ensureDatabase(url)
    } catch (error) {
      await stop()
      throw error
    }
    return { url, port, pid: server.pid, exited: server.exited, stop }
  } catch (error) {
    lock.release()
    throw error
  }
}

async function takeFolder(folder: PostgresFolder): Promise<FolderLock> {
  const lock = await withFilesLater('use the data folder', folder.root, () => lockFolder(folder.root, 'lock'))
  if ('release' in lock) return lock
  throw new ConfigurationError(
    `The database in ${folder.root} is in use by process ${lock.heldBy.pid}: stop that one first, or choose another --data-dir.`,
  )
}

async function startLocked(
  folder: PostgresFolder,
  options: EmbeddedPostgresOptions,
): Promise<{ server: PostgresProcess; port: number }> {
  const onProgress = options.onProgress ?? (() => {})
  const account = choosePostgresAccount(folder.data)
  const binaries = preparePostgresBinaries(account, folder.root)
  await ensureDatabaseFiles(folder, binaries, account, onProgress)
  await endLeftovers(folder.data, onProgress)
  return launchOnFreePort(folder, {
    folder,
    binaries,
    account,
    settings: { ...SETTINGS, ...options.settings },
    orphanSeconds: options.orphanSeconds ?? 10,
    signal: options.signal,
  })
}

/** The port of the last run where it is still free, so that an address noted down stays good. */
async function launchOnFreePort(
  folder: PostgresFolder,
  launch: Omit<PostgresLaunch, 'port'>,
): Promise<{ server: PostgresProcess; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const kept = readPort(folder)
    const port = attempt === 1 && kept && (await isPortFree(kept, HOST)) ? kept : await findFreePort(HOST)
    try {
      const server = await launchPostgres({ ...launch, port })
      withFiles('write', folder.portFile, () => writeFileSync(folder.portFile, `${port}\n`))
      return { server, port }
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === PORT_ATTEMPTS) throw error
    }
  }
}

function readPort(folder: PostgresFolder): number | undefined {
  try {
    const port = Number(readFileSync(folder.portFile, 'utf8').trim())
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined
  } catch {
    return undefined
  }
}

/** Every run, because a start may have been interrupted after the files were made. */
async function ensureDatabase(url: string): Promise<void> {
  const sql = connect(url.replace(/\/[^/]*$/, '/postgres'), {
    purpose: 'up',
    owner: 'supervisor',
    max: 1,
    settings: { statement_timeout: 60_000 },
  })
  try {
    const existing = await sql`select from pg_database where datname = ${DATABASE}`
    if (existing.length === 0) await sql`create database ${sql(DATABASE)}`
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '28P01') {
      throw new ConfigurationError(
        'The database refuses the password kept in the data folder (file "password"): restore that file, or choose another --data-dir.',
        { cause: error },
      )
    }
    throw error
  } finally {
    await sql.end({ timeout: 1 })
  }
}
