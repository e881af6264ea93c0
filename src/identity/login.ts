import type { Sql } from '../database/connect.ts'
import { Refusal } from '../lib/errors.ts'
import { must } from '../lib/must.ts'
import type { Actor } from './actor.ts'
import { recordEvent } from './audit.ts'
import type { Identity } from './identity.ts'
import { hashSecret } from './secrets.ts'
import { createSession, deleteSession, type NewSession } from './sessions.ts'
import { checkThrottle, countFailure, countSuccess, loginCounters } from './throttle.ts'
import { findPassword, findUser, type PasswordOfUser, replacePasswordHash, type User, userIdText } from './users.ts'

export interface LoginAttempt {
  username: string
  password: string
  isRemembered: boolean
  /** From where the attempt comes; who makes it is only known when it succeeds. */
  from: Actor
  /** The session that the same browser still has, which ends: each login starts under a new id. */
  replaces: string | undefined
}

/**
 * Logs in with a password. Refuses with Unauthenticated in the same words and after the same time whether or not there is
 * such a user, and with TooManyRequests when the account or the address has failed too often.
 */
export async function logIn(
  sql: Sql,
  identity: Identity,
  attempt: LoginAttempt,
): Promise<{ user: User; session: NewSession }> {
  const counters = loginCounters(identity.limits, attempt.username, attempt.from.address ?? '')
  await checkThrottle(sql, counters)
  const found = await findPassword(sql, attempt.username)
  const stored = found?.isActive && !found.isService ? (found.passwordHash ?? undefined) : undefined
  const isRight = await identity.passwords.verify(attempt.password, stored, () => checkThrottle(sql, counters))
  if (!found || stored === undefined || !isRight) {
    await countFailure(sql, identity.limits, counters)
    await recordFailure(sql, attempt, found)
    throw new Refusal('Unauthenticated', 'The user name or the password is wrong, or the user is not active.')
  }
  await countSuccess(sql, counters)
  if (identity.passwords.isOutdated(stored)) {
    await replacePasswordHash(sql, found.id, stored, await identity.passwords.hash(attempt.password))
  }
  return startSession(sql, attempt, found)
}

function startSession(
  sql: Sql,
  { from, isRemembered, replaces }: LoginAttempt,
  { id }: PasswordOfUser,
): Promise<{ user: User; session: NewSession }> {
  return sql.begin(async (tx) => {
    const user = must(await findUser(tx, id), 'the user was deleted while logging in')
    if (replaces !== undefined) await deleteSession(tx, hashSecret(replaces))
    const { address, userAgent } = from
    const session = await createSession(tx, { userId: id, isRemembered, address, userAgent })
    await recordEvent(tx, {
      category: 'LoginSucceeded',
      message: `${user.username} logged in.`,
      actor: { ...from, userId: id, username: user.username, establishedWith: 'session' },
      related: [userIdText(id)],
    })
    return { user, session }
  })
}

/** A name that no user has is not kept: people type their password there by mistake. */
async function recordFailure(sql: Sql, { from }: LoginAttempt, found: PasswordOfUser | undefined): Promise<void> {
  await recordEvent(sql, {
    category: 'LoginFailed',
    message: found ? `A login as ${found.username} failed.` : 'A login failed under a name that no user has.',
    actor: from,
    related: found ? [userIdText(found.id)] : [],
  })
}
