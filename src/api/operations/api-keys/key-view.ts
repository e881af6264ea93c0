import { z } from 'zod'
import type { ApiKey } from '../../../identity/api-keys.ts'
import { keyIdText } from '../../../identity/key-changes.ts'
import { userIdText } from '../../../identity/users.ts'
import { wireDate, wireDateOrNull } from '../../dates.ts'

export const keysParams = z.object({ userId: z.string().meta({ description: 'Such as Users-7.' }) })
export const keyParams = z.object({ ...keysParams.shape, id: z.string().meta({ description: 'Such as APIKeys-3.' }) })

/** A key as the wire has it. Its text is there only in the answer to its creation. */
export function keyView(key: ApiKey, text?: string) {
  return {
    Id: keyIdText(key.id),
    Purpose: key.purpose,
    UserId: userIdText(key.userId),
    Created: wireDate(key.createdAt),
    Expires: wireDateOrNull(key.expiresAt),
    LastUsed: wireDateOrNull(key.lastUsedAt),
    LastUsedFrom: key.lastUsedFrom,
    LastUsedNode: key.lastUsedNode,
    ApiKey: text ?? { HasValue: true, NewValue: null, Hint: key.hint },
    Links: { Self: `/api/users/${userIdText(key.userId)}/apikeys/${keyIdText(key.id)}` },
  }
}
