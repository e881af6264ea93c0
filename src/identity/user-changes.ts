import type { Sql, Transaction } from '../database/connect.ts'
import { Refusal } from '../lib/errors.ts'
import { must } from '../lib/must.ts'
import type { Actor } from './actor.ts'
import { recordEvent } from './audit.ts'
import { deleteSessionsOf } from './sessions.ts'
import {
  countAdministrators,
  deleteUser,
  insertUser,
  lockUser,
  type NewUser,
  type User,
  type UserChange,
  updateUser,
  userIdText,
} from './users.ts'

/** Creates a user. Refuses with Conflict when the name is taken. */
export async function createUser(tx: Transaction, actor: Actor, wanted: NewUser): Promise<User> {
  const user = await insertUser(tx, wanted)
  if (!user) throw nameTaken(wanted.username)
  const message = `${actor.username} created the user ${user.username} with the role ${user.role}.`
  await recordEvent(tx, { category: 'Created', message, actor, related: [userIdText(user.id)], after: shownOf(user) })
  return user
}

/**
 * Changes a user. A new role, password or loss of activity ends the user's sessions. Refuses with Conflict to take away the
 * last administrator, and a name that is taken.
 */
export async function changeUser(sql: Sql, actor: Actor, id: number, change: UserChange): Promise<User> {
  const changed = sql.begin(async (tx) => {
    const administrators = await countAdministrators(tx)
    const before = must(await lockUser(tx, id), `the user ${id} was deleted meanwhile`)
    if (isAdministrator(before) && !isAdministrator({ ...before, ...change })) keepOne(administrators, before)
    const after = await updateUser(tx, id, change)
    const hasNewPassword = change.passwordHash !== undefined
    if (hasNewPassword || before.role !== after.role || !after.isActive) await deleteSessionsOf(tx, id)
    await recordChange(tx, actor, before, after, hasNewPassword)
    return after
  })
  return changed.catch((error: unknown) => {
    throw isUniqueViolation(error) ? nameTaken(change.username ?? '') : error
  })
}

/** Deletes a user with its sessions and keys. Refuses with Conflict to delete the last administrator. */
export async function removeUser(sql: Sql, actor: Actor, id: number): Promise<void> {
  await sql.begin(async (tx) => {
    const administrators = await countAdministrators(tx)
    const user = await lockUser(tx, id)
    if (!user) throw new Refusal('NotFound', `There is no user ${userIdText(id)}.`)
    if (isAdministrator(user)) keepOne(administrators, user)
    await deleteUser(tx, id)
    const message = `${actor.username} deleted the user ${user.username}.`
    await recordEvent(tx, { category: 'Deleted', message, actor, related: [userIdText(id)], before: shownOf(user) })
  })
}

/** Ends every session of a user, on all nodes within two seconds. */
export async function revokeSessions(sql: Sql, actor: Actor, user: User): Promise<void> {
  await sql.begin(async (tx) => {
    const ended = await deleteSessionsOf(tx, user.id)
    const message = `${actor.username} ended the ${ended} sessions of ${user.username}.`
    await recordEvent(tx, { category: 'Modified', message, actor, related: [userIdText(user.id)] })
  })
}

function isAdministrator(user: { role?: string; isActive?: boolean; isService?: boolean }): boolean {
  return user.role === 'administrator' && user.isActive === true && user.isService === false
}

function keepOne(administrators: number, user: User): void {
  if (administrators > 1) return
  throw new Refusal(
    'Conflict',
    `${user.username} is the only active administrator who can log in. Make another user administrator first.`,
  )
}

function nameTaken(username: string): Refusal {
  return new Refusal(
    'Conflict',
    `There is already a user named ${username}; names are the same in upper and lower case.`,
  )
}

async function recordChange(
  tx: Transaction,
  actor: Actor,
  was: User,
  is: User,
  hasNewPassword: boolean,
): Promise<void> {
  const before = shownOf(was)
  const after = shownOf(is)
  const changed = Object.keys(after).filter((name) => before[name] !== after[name])
  if (changed.length === 0 && !hasNewPassword) return
  const what = [...changed, ...(hasNewPassword ? ['Password'] : [])].join(', ')
  await recordEvent(tx, {
    category: 'Modified',
    message: `${actor.username} changed the user ${was.username}: ${what}.`,
    actor,
    related: [userIdText(is.id)],
    before: pick(before, changed),
    // That it changed is all that is ever said of a password.
    after: { ...pick(after, changed), ...(hasNewPassword ? { Password: 'changed' } : {}) },
  })
}

function shownOf(user: User): Record<string, unknown> {
  return {
    Username: user.username,
    DisplayName: user.displayName,
    EmailAddress: user.email,
    Role: user.role,
    IsActive: user.isActive,
    IsService: user.isService,
  }
}

function pick(from: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, from[name]]))
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505'
}
