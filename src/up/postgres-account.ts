import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { ConfigurationError } from '../lib/errors.ts'

/** The system account a server process runs under. */
export interface Account {
  uid: number
  gid: number
}

/**
 * The account for PostgreSQL, which refuses to run as root. Undefined for an ordinary user, who runs it himself. For root:
 * whoever owns the database files already, else the accounts `postgres` or `tako`, else a new system account `tako`,
 * else `nobody`.
 */
export function choosePostgresAccount(databaseFolder: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  if (existsSync(databaseFolder)) {
    const { uid, gid } = statSync(databaseFolder)
    if (uid !== 0) return { uid, gid }
  }
  const account = findAccount('postgres') ?? findAccount('tako') ?? createAccount('tako') ?? findAccount('nobody')
  if (!account)
    throw new ConfigurationError(
      'PostgreSQL refuses to run as root and there is no account "postgres" to run it under: create one, or start as an ordinary user.',
    )
  return account
}

function findAccount(name: string): Account | undefined {
  const uid = readId(['-u', name])
  const gid = readId(['-g', name])
  return uid && gid ? { uid, gid } : undefined
}

function readId(args: string[]): number | undefined {
  const { status, stdout } = spawnSync('id', args, { encoding: 'utf8' })
  return status === 0 && /^\d+$/.test(stdout.trim()) ? Number(stdout) : undefined
}

/** How a system account is made, on most distributions and with BusyBox. */
const ACCOUNT_MAKERS: readonly (readonly [program: string, ...options: string[]])[] = [
  ['useradd', '--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/bin/false'],
  ['adduser', '-S', '-D', '-H', '-s', '/bin/false'],
]

function createAccount(name: string): Account | undefined {
  for (const [program, ...options] of ACCOUNT_MAKERS) {
    spawnSync(program, [...options, name])
    const account = findAccount(name)
    if (account) return account
  }
  return undefined
}
