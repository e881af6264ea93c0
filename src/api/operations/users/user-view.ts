import { z } from 'zod'
import { type CurrentUser, requirePermission } from '../../../identity/current-user.ts'
import type { Permission } from '../../../identity/permissions.ts'
import { findUser, type User, userIdText } from '../../../identity/users.ts'
import type { ApiContext } from '../../context.ts'
import { wireDate } from '../../dates.ts'
import { notFound, numberOfId } from '../../ids.ts'

export const userParams = z.object({ id: z.string().meta({ description: 'Such as Users-7.' }) })

/** A user as the wire has it, with its role as our addition. */
export function userView(user: User, asker: { id: number }) {
  const id = userIdText(user.id)
  const self = `/api/users/${id}`
  return {
    Id: id,
    Username: user.username,
    DisplayName: user.displayName,
    EmailAddress: user.email,
    Role: user.role,
    IsActive: user.isActive,
    IsService: user.isService,
    IsRequestor: user.id === asker.id,
    CanPasswordBeEdited: !user.isService,
    Created: wireDate(user.createdAt),
    Identities: [],
    Links: {
      Self: self,
      ApiKeys: `${self}/apikeys{/id}{?skip,take,partialPurpose}`,
      Permissions: `${self}/permissions{?spaces,includeSystem}`,
      Spaces: `${self}/spaces`,
      Teams: `${self}/teams{?spaces,includeSystem}`,
      RevokeSessions: `${self}/revoke-sessions`,
    },
  }
}

/**
 * The user of an id. Everybody may look at (and have to do with) themselves; for others the asker needs the permission, which
 * is asked for first, so that nobody learns which ids exist.
 */
export async function readUser(
  context: ApiContext,
  idText: string,
  asker: CurrentUser,
  permission: Permission,
): Promise<User> {
  const id = numberOfId('Users', idText)
  if (id !== asker.id) requirePermission(asker, permission)
  const user = id === undefined ? undefined : await findUser(context.sql, id)
  if (!user) throw notFound('user', idText)
  return user
}
