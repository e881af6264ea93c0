import type { Sql } from '../database/connect.ts'
import { ConfigurationError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { only } from '../lib/must.ts'
import { hasControlCharacters } from '../lib/text.ts'
import { systemActor } from './actor.ts'
import { insertApiKey } from './api-keys.ts'
import { createPasswordHasher, defaultPasswordCost, LONGEST_PASSWORD, type PasswordCost } from './passwords.ts'
import { createPassword, isApiKey } from './secrets.ts'
import { createUser } from './user-changes.ts'

export interface FirstUser {
  username: string
  /** One is made up when none is given. */
  password?: string | undefined
  /** A key to be stored for the user, such as TAKO_ADMIN_API_KEY. */
  apiKey?: string | undefined
  log: Log
  passwordCost?: PasswordCost
}

/** What came of it: whether this call made the user, and the password it made up, to be shown once. */
export interface FirstUserResult {
  isCreated: boolean
  generatedPassword?: string
}

/** A given key with fewer letters than this can be guessed. */
const STRONG_KEY_LENGTH = 24

/**
 * Creates the first administrator when there is no user at all; of nodes that start at the same time exactly one does.
 * Throws a ConfigurationError when what is given cannot be used.
 */
export async function ensureFirstUser(sql: Sql, first: FirstUser): Promise<FirstUserResult> {
  if (await hasUsers(sql)) return { isCreated: false }
  check(first)
  const password = first.password ?? createPassword()
  const passwordHash = await createPasswordHasher(first.passwordCost ?? defaultPasswordCost).hash(password)
  const isCreated = await createAlone(sql, first, passwordHash)
  return isCreated && first.password === undefined ? { isCreated, generatedPassword: password } : { isCreated }
}

/** The lock on the cluster's row lets one node at a time look and create. */
function createAlone(sql: Sql, { username, apiKey, log }: FirstUser, passwordHash: string): Promise<boolean> {
  return sql.begin(async (tx) => {
    await tx`select 1 from cluster for update`
    if (await hasUsers(tx)) return false
    const user = await createUser(tx, systemActor(), {
      username,
      displayName: username,
      email: null,
      role: 'administrator',
      isActive: true,
      isService: false,
      passwordHash,
    })
    if (apiKey !== undefined) {
      if (apiKey.length < STRONG_KEY_LENGTH)
        log.warn(
          `TAKO_ADMIN_API_KEY is short enough to be guessed: it should have ${STRONG_KEY_LENGTH} characters or more`,
        )
      await insertApiKey(tx, {
        userId: user.id,
        text: apiKey,
        purpose: 'Given when the database was set up (TAKO_ADMIN_API_KEY)',
        end: null,
      })
    }
    return true
  })
}

async function hasUsers(sql: Parameters<typeof insertApiKey>[0]): Promise<boolean> {
  return only(await sql<{ found: boolean }[]>`select exists (select from app_user) as found`).found
}

function check({ username, password, apiKey }: FirstUser): void {
  if (username.trim() !== username || username === '' || username.length > 100 || hasControlCharacters(username)) {
    throw new ConfigurationError(
      'TAKO_ADMIN_USERNAME must have 1 to 100 characters, without control characters or spaces around it.',
    )
  }
  if (password !== undefined && (password === '' || password.length > LONGEST_PASSWORD)) {
    throw new ConfigurationError(`TAKO_ADMIN_PASSWORD must have 1 to ${LONGEST_PASSWORD} characters.`)
  }
  if (apiKey !== undefined && !isApiKey(apiKey)) {
    throw new ConfigurationError(
      'TAKO_ADMIN_API_KEY must be API- and then upper-case letters and digits, as clients accept no other.',
    )
  }
}
