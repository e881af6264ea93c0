import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { ConfigurationError } from '../lib/errors.ts'
import { ensureFolder, tellsFullDisk, withFiles } from './file-fault.ts'
import type { Account } from './postgres-account.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'

/** The database role that initdb creates and that the nodes use. */
export const ROLE = 'tako'

/** Where everything of one embedded server lies. */
export interface PostgresFolder {
  root: string
  /** The database files themselves. */
  data: string
  log: string
  passwordFile: string
  portFile: string
}

/** Names the files under `root` and creates it, closed to other users. */
export function openPostgresFolder(root: string): PostgresFolder {
  ensureFolder(root)
  return {
    root,
    data: join(root, 'data'),
    log: join(root, 'postgres.log'),
    passwordFile: join(root, 'password'),
    portFile: join(root, 'port'),
  }
}

/** The role's password, made up at first use and kept where only this user reads it. */
export function keptPassword(folder: PostgresFolder): string {
  return keepSecret(folder.passwordFile, () => randomBytes(24).toString('base64url'))
}

/** Reads a secret from its file (mode 0600), or makes one up and keeps it. */
export function keepSecret(file: string, make: () => string): string {
  return withFiles('keep a secret in', file, () => {
    const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
    if (kept !== '') return kept
    const secret = make()
    // Written aside and renamed: a full disk leaves no half of a secret behind.
    writeFileSync(`${file}.new`, `${secret}\n`, { mode: 0o600 })
    renameSync(`${file}.new`, file)
    return secret
  })
}

/** The argument and working directory that name the database files to a PostgreSQL program. */
export function pointAt(data: string): { directory: string; cwd: string } {
  // The program's account need not be able to enter the folders above: they are never walked through when the files are
  // named by the working directory that the program is given while still root.
  return { directory: process.platform === 'linux' ? '/proc/self/cwd' : data, cwd: data }
}

/** What PostgreSQL's programs see of the environment: nothing of ours, whose PG* variables would change what they do. */
export function postgresEnvironment(): Record<string, string> {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
}

/**
 * Creates the database files unless they exist. Made in `data.new` and renamed at the end, so that an interrupted start
 * leaves nothing that looks finished.
 */
export async function ensureDatabaseFiles(
  folder: PostgresFolder,
  binaries: PostgresBinaries,
  account: Account | undefined,
  onProgress: (sentence: string) => void,
): Promise<void> {
  if (existsSync(folder.data)) return checkVersion(folder.data, binaries)
  onProgress('Creating the database files')
  const draft = `${folder.data}.new`
  withFiles('create the database files in', draft, () => {
    rmSync(draft, { recursive: true, force: true })
    mkdirSync(draft, { mode: 0o700 })
    if (account) chownSync(draft, account.uid, account.gid)
  })
  const fault = await runInitdb(draft, binaries, account, keptPassword(folder))
  if (fault) throw new ConfigurationError(`Cannot create the database files in ${folder.root}: ${fault}.`)
  withFiles('finish the database files in', folder.data, () => renameSync(draft, folder.data))
}

function checkVersion(data: string, binaries: PostgresBinaries): void {
  const found = withFiles('read', data, () => readFileSync(join(data, 'PG_VERSION'), 'utf8').trim())
  if (found === binaries.major) return
  throw new ConfigurationError(
    `The database files in ${data} belong to PostgreSQL ${found}, the installed programs are version ${binaries.major}: move the data with pg_dump of the old version, or choose another --data-dir.`,
  )
}

/** Resolves with what went wrong, or with nothing. */
async function runInitdb(
  data: string,
  binaries: PostgresBinaries,
  account: Account | undefined,
  password: string,
): Promise<string | undefined> {
  const { directory, cwd } = pointAt(data)
  const passwordFd = openPasswordFile(`${data}.password`, password, account)
  const args = [
    '-D',
    directory,
    '-U',
    ROLE,
    '-A',
    'scram-sha-256',
    `--pwfile=${process.platform === 'linux' ? '/proc/self/fd/3' : '/dev/fd/3'}`,
    '-E',
    'UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ]
  try {
    return await new Promise((resolve) => {
      const child = spawn(binaries.initdb, args, {
        ...account,
        cwd,
        env: postgresEnvironment(),
        stdio: ['ignore', 'ignore', 'pipe', passwordFd],
        detached: true,
      })
      let errors = ''
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        errors = (errors + text).slice(-20_000)
      })
      child.once('error', (error) => resolve(error.message))
      child.once('close', (code, signal) => resolve(code === 0 ? undefined : explainInitdb(errors, code ?? signal)))
    })
  } finally {
    closeSync(passwordFd)
  }
}

/** The password reaches initdb through a file that has no name any more when initdb starts: nothing is left behind. */
function openPasswordFile(path: string, password: string, account: Account | undefined): number {
  return withFiles('write', path, () => {
    const fd = openSync(path, 'w+', 0o600)
    try {
      chmodSync(path, 0o600)
      if (account) chownSync(path, account.uid, account.gid)
      writeSync(fd, `${password}\n`, 0)
    } finally {
      rmSync(path, { force: true })
    }
    return fd
  })
}

/** The sentence in initdb's errors that says what went wrong. */
export function explainInitdb(errors: string, end: number | string | null): string {
  if (tellsFullDisk(errors)) return 'the disk is full'
  const line = errors.split('\n').find((text) => /error:|FATAL:|PANIC:/.test(text))
  return line?.replace(/^.*?(error|FATAL|PANIC):\s*/, '').trim() ?? `initdb ended with ${end}`
}
