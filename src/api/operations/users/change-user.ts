import { z } from 'zod'
import { type CurrentUser, requirePermission } from '../../../identity/current-user.ts'
import { LONGEST_PASSWORD } from '../../../identity/passwords.ts'
import { createSession } from '../../../identity/sessions.ts'
import { checkThrottle, countFailure, loginCounters } from '../../../identity/throttle.ts'
import { changeUser, removeUser, revokeSessions } from '../../../identity/user-changes.ts'
import { findPassword, type User, type UserChange } from '../../../identity/users.ts'
import { Refusal } from '../../../lib/errors.ts'
import { addressOf } from '../../authentication.ts'
import type { ApiContext } from '../../context.ts'
import { setSessionCookies } from '../../cookies.ts'
import { type Operation, operation } from '../../operation.ts'
import { userFields } from './create-user.ts'
import { readUser, userParams, userView } from './user-view.ts'

const body = z.object({
  ...userFields,
  Username: userFields.Username.optional(),
  CurrentPassword: z.string().max(LONGEST_PASSWORD).optional(),
})

type Body = z.output<typeof body>

/** `PUT /api/users/{id}`. */
export const putUser = operation({
  method: 'PUT',
  path: '/users/{id}',
  scope: 'server',
  permission: 'authenticated',
  summary: 'Change a user: oneself, or with UserEdit anybody',
  description:
    'What is absent stays. Name, role and activity need UserEdit, also for oneself. To change one’s own Password, CurrentPassword must be right. A new role or password ends the sessions of the user; who changes their own password by session gets a new one.',
  params: userParams,
  body,
  answers: {
    200: 'The user.',
    404: 'There is no such user.',
    409: 'The name is taken, or it is the last administrator.',
  },
  handle: async ({ params, body, user, actor, context, request, reply }) => {
    const before = await readUser(context, params.id, user, 'UserEdit')
    const change = changeOf(before, body, user)
    if (body.Password !== undefined) {
      await checkPasswordChange(context, before, body, user, addressOf(request))
      change.passwordHash = await context.identity.passwords.hash(body.Password)
    }
    const after = Object.keys(change).length === 0 ? before : await changeUser(context.sql, actor, before.id, change)
    if (change.passwordHash && before.id === user.id && user.credential.kind === 'session') {
      const { address, userAgent } = actor
      const session = await createSession(context.sql, { userId: user.id, isRemembered: false, address, userAgent })
      setSessionCookies(request, reply, context.installationId, session)
    }
    context.identity.forget()
    return userView(after, user)
  },
})

/** What differs from what is there: clients send the whole resource back. */
function changeOf(before: User, wanted: Body, user: CurrentUser): UserChange {
  if (wanted.IsService !== undefined && wanted.IsService !== before.isService) {
    throw new Refusal('BadRequest', 'IsService cannot be changed. Create another user instead.')
  }
  const change: UserChange = {
    ...(wanted.DisplayName === undefined || wanted.DisplayName === before.displayName
      ? {}
      : { displayName: wanted.DisplayName }),
    ...(wanted.EmailAddress === undefined || wanted.EmailAddress === before.email
      ? {}
      : { email: wanted.EmailAddress }),
  }
  const ofAdministrators: UserChange = {
    ...(wanted.Username === undefined || wanted.Username === before.username ? {} : { username: wanted.Username }),
    ...(wanted.Role === undefined || wanted.Role === before.role ? {} : { role: wanted.Role }),
    ...(wanted.IsActive === undefined || wanted.IsActive === before.isActive ? {} : { isActive: wanted.IsActive }),
  }
  if (Object.keys(ofAdministrators).length > 0) requirePermission(user, 'UserEdit')
  return { ...change, ...ofAdministrators }
}

/** One's own password is only changed by who knows it: a session left open or a stolen key is not enough. Guesses count as failed logins. */
async function checkPasswordChange(
  { sql, identity }: ApiContext,
  target: User,
  wanted: Body,
  user: CurrentUser,
  address: string,
): Promise<void> {
  if (target.isService) throw new Refusal('BadRequest', 'A service account has no Password; it logs in with API keys.')
  if (target.id !== user.id) return
  if (wanted.CurrentPassword === undefined)
    throw new Refusal(
      'BadRequest',
      'CurrentPassword is missing: to change your own password, give the present one too.',
    )
  const counters = loginCounters(identity.limits, target.username, address)
  const stored = (await findPassword(sql, target.username))?.passwordHash ?? undefined
  const isRight = await identity.passwords.verify(wanted.CurrentPassword, stored, () => checkThrottle(sql, counters))
  if (isRight) return
  await countFailure(sql, identity.limits, counters)
  throw new Refusal('BadRequest', 'CurrentPassword is wrong.')
}

/** `DELETE /api/users/{id}`. */
export const deleteUser = operation({
  method: 'DELETE',
  path: '/users/{id}',
  scope: 'server',
  permission: 'UserEdit',
  summary: 'Delete a user with its sessions and API keys',
  params: userParams,
  answers: { 200: '`{}`.', 404: 'There is no such user.', 409: 'It is oneself, or the last administrator.' },
  handle: async ({ params, user, actor, context }) => {
    const { id } = await readUser(context, params.id, user, 'UserEdit')
    if (id === user.id) throw new Refusal('Conflict', 'You cannot delete yourself. Let another administrator do it.')
    await removeUser(context.sql, actor, id)
    context.identity.forget()
    return {}
  },
})

/** `POST` and `PUT /api/users/{id}/revoke-sessions`: clients differ in the method. */
export const revokeUserSessions: readonly Operation[] = (['POST', 'PUT'] as const).map((method) =>
  operation({
    method,
    path: '/users/{id}/revoke-sessions',
    scope: 'server',
    permission: 'authenticated',
    summary: 'End every session of a user: one’s own, or with UserEdit anybody’s',
    params: userParams,
    answers: { 200: 'Nothing.', 404: 'There is no such user.' },
    handle: async ({ params, user, actor, context }) => {
      await revokeSessions(context.sql, actor, await readUser(context, params.id, user, 'UserEdit'))
      context.identity.forget()
    },
  }),
)
