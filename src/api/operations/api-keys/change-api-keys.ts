import { z } from 'zod'
import { DEFAULT_KEY_LIFE_MS, findApiKey, type KeyEnd } from '../../../identity/api-keys.ts'
import type { CurrentUser } from '../../../identity/current-user.ts'
import { issueApiKey, keyIdText, revokeApiKey } from '../../../identity/key-changes.ts'
import { Refusal } from '../../../lib/errors.ts'
import { isoDate, lineOfText } from '../../fields.ts'
import { createOnce, idempotencyKey } from '../../idempotency.ts'
import { notFound, numberOfId } from '../../ids.ts'
import { operation } from '../../operation.ts'
import { readUser } from '../users/user-view.ts'
import { keyParams, keysParams, keyView } from './key-view.ts'

/** `POST /api/users/{userId}/apikeys`. */
export const postApiKey = operation({
  method: 'POST',
  path: '/users/{userId}/apikeys',
  scope: 'server',
  permission: 'authenticated',
  summary: 'Make an API key for oneself, or with UserEdit for a service account',
  description:
    'The answer’s ApiKey is the key itself, which is shown this once and kept nowhere. Without Expires it lasts 180 days, with null it has no end; a key made with a key never outlasts it.',
  params: keysParams,
  body: z.object({ Purpose: lineOfText(200, 1), Expires: isoDate().nullish() }),
  answers: { 201: 'The API key, with its text.', 404: 'There is no such user.' },
  handle: async ({ params, body, user, actor, context, request }) => {
    const owner = await readUser(context, params.userId, user, 'UserEdit')
    if (owner.id !== user.id && !owner.isService) {
      throw new Refusal(
        'Forbidden',
        `${owner.username} is a person, and only a person can make a key to their own name. Keys for others are for service accounts.`,
      )
    }
    const end = endOf(body.Expires, user)
    let text: string | undefined
    const repeatable = {
      userId: user.id,
      key: idempotencyKey(request),
      operation: `create API key of ${params.userId}`,
    }
    const { id } = await createOnce(context.sql, repeatable, async (tx) => {
      const issued = await issueApiKey(tx, actor, { user: owner, purpose: body.Purpose, end })
      text = issued.text
      return keyIdText(issued.key.id)
    })
    const key = await findApiKey(context.sql, owner.id, numberOfId('APIKeys', id) ?? 0)
    if (!key) throw notFound('API key', id)
    return keyView(key, text)
  },
})

/** What is asked for, within the life of the key that asks. */
function endOf(wanted: Date | null | undefined, { credential }: CurrentUser): KeyEnd {
  if (wanted && wanted.getTime() <= Date.now()) throw new Refusal('BadRequest', 'Expires must lie in the future.')
  const latest = credential.kind === 'key' ? credential.expiresAt : undefined
  if (!latest) return wanted === undefined ? { afterMs: DEFAULT_KEY_LIFE_MS } : wanted
  const asked = wanted === undefined ? new Date(Date.now() + DEFAULT_KEY_LIFE_MS) : wanted
  return asked && asked < latest ? asked : latest
}

/** `DELETE /api/users/{userId}/apikeys/{id}`. */
export const deleteApiKey = operation({
  method: 'DELETE',
  path: '/users/{userId}/apikeys/{id}',
  scope: 'server',
  permission: 'authenticated',
  summary: 'Revoke an API key: one’s own, or with UserEdit anybody’s',
  description: 'Every node refuses it within two seconds.',
  params: keyParams,
  answers: { 200: '`{}`.', 404: 'There is no such key.' },
  handle: async ({ params, user, actor, context }) => {
    const owner = await readUser(context, params.userId, user, 'UserEdit')
    const id = numberOfId('APIKeys', params.id)
    if (id === undefined) throw notFound('API key', params.id)
    await revokeApiKey(context.sql, actor, owner, id)
    context.identity.forget()
    return {}
  },
})
