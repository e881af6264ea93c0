import { z } from 'zod'
import { recordEvent } from '../../../identity/audit.ts'
import { logIn } from '../../../identity/login.ts'
import { LONGEST_PASSWORD } from '../../../identity/passwords.ts'
import { deleteSession } from '../../../identity/sessions.ts'
import { userIdText } from '../../../identity/users.ts'
import { clearSessionCookies, sessionCookie, setSessionCookies } from '../../cookies.ts'
import { operation } from '../../operation.ts'
import { userView } from './user-view.ts'

/** `POST /api/users/login`. */
export const login = operation({
  method: 'POST',
  path: '/users/login',
  scope: 'server',
  permission: 'anonymous',
  summary: 'Log in with a password and start a session',
  description:
    'Sets two cookies: OctopusIdentificationToken_..., which only the browser sees, and Octopus-Csrf-Token_..., whose value a request that changes something repeats in the header X-Octopus-Csrf-Token. A session ends after 2 hours without use and after 12 in any case; with RememberMe after 7 and 30 days.',
  body: z.object({
    Username: z.string().min(1).max(200),
    Password: z.string().min(1).max(LONGEST_PASSWORD),
    RememberMe: z.boolean().default(false),
  }),
  bodyLimit: 64 * 1024,
  answers: { 200: 'The user.', 401: 'The name or the password is wrong.', 429: 'Too many attempts failed.' },
  handle: async ({ body, actor, context, request, reply }) => {
    const { user, session } = await logIn(context.sql, context.identity, {
      username: body.Username,
      password: body.Password,
      isRemembered: body.RememberMe,
      from: actor,
      replaces: sessionCookie(request, context.installationId),
    })
    setSessionCookies(request, reply, context.installationId, session)
    return userView(user, user)
  },
})

/** `POST /api/users/logout`. */
export const logout = operation({
  method: 'POST',
  path: '/users/logout',
  scope: 'server',
  permission: 'authenticated',
  summary: 'End the session this is asked with',
  answers: { 200: 'Nothing.' },
  handle: async ({ user, actor, context, request, reply }) => {
    const { credential } = user
    clearSessionCookies(request, reply, context.installationId)
    if (credential.kind !== 'session') return
    await context.sql.begin(async (tx) => {
      await deleteSession(tx, credential.idHash)
      await recordEvent(tx, {
        category: 'LoggedOut',
        message: `${user.username} logged out.`,
        actor,
        related: [userIdText(user.id)],
      })
    })
    context.identity.forget()
  },
})
