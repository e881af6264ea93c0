import { z } from 'zod'
import { LONGEST_PASSWORD } from '../../../identity/passwords.ts'
import { createUser } from '../../../identity/user-changes.ts'
import { findUser, userIdText } from '../../../identity/users.ts'
import { Refusal } from '../../../lib/errors.ts'
import { lineOfText } from '../../fields.ts'
import { createOnce, idempotencyKey } from '../../idempotency.ts'
import { notFound, numberOfId } from '../../ids.ts'
import { operation } from '../../operation.ts'
import { userView } from './user-view.ts'

const SHORTEST_PASSWORD = 8

/** What creating and changing a user have in common. */
export const userFields = {
  Username: lineOfText(100, 1),
  DisplayName: lineOfText(200).optional(),
  EmailAddress: lineOfText(254).nullish(),
  Role: z.enum(['administrator', 'operator', 'viewer']).optional(),
  IsActive: z.boolean().optional(),
  Password: z.string().min(SHORTEST_PASSWORD).max(LONGEST_PASSWORD).optional(),
  IsService: z.boolean().optional(),
}

/** `POST /api/users`. */
export const postUser = operation({
  method: 'POST',
  path: '/users',
  scope: 'server',
  permission: 'UserEdit',
  summary: 'Create a user, or a service account, which has API keys and no password',
  body: z.object(userFields),
  answers: { 201: 'The user.', 409: 'The name is taken.' },
  handle: async ({ body, user, actor, context, request }) => {
    const isService = body.IsService ?? false
    if (isService === (body.Password !== undefined)) {
      throw new Refusal(
        'BadRequest',
        isService
          ? 'A service account has no Password; it logs in with API keys.'
          : 'Password is missing: a user needs one, of at least 8 characters.',
      )
    }
    const passwordHash = body.Password === undefined ? null : await context.identity.passwords.hash(body.Password)
    const repeatable = { userId: user.id, key: idempotencyKey(request), operation: 'create user' }
    const { id } = await createOnce(context.sql, repeatable, async (tx) => {
      const created = await createUser(tx, actor, {
        username: body.Username,
        displayName: body.DisplayName ?? body.Username,
        email: body.EmailAddress ?? null,
        role: body.Role ?? 'viewer',
        isActive: body.IsActive ?? true,
        isService,
        passwordHash,
      })
      return userIdText(created.id)
    })
    const created = await findUser(context.sql, numberOfId('Users', id) ?? 0)
    if (!created) throw notFound('user', id)
    return userView(created, user)
  },
})
