import { z } from 'zod'
import { findApiKey, listApiKeys } from '../../../identity/api-keys.ts'
import { paging } from '../../fields.ts'
import { notFound, numberOfId } from '../../ids.ts'
import { operation } from '../../operation.ts'
import { collection } from '../../paging.ts'
import { readUser } from '../users/user-view.ts'
import { keyParams, keysParams, keyView } from './key-view.ts'

/** `GET /api/users/{userId}/apikeys`. */
export const getApiKeys = operation({
  method: 'GET',
  path: '/users/{userId}/apikeys',
  scope: 'server',
  permission: 'authenticated',
  summary: 'The API keys of a user, newest first: one’s own, or with UserView anybody’s',
  params: keysParams,
  query: z.object({ ...paging, partialPurpose: z.string().optional() }),
  answers: { 200: 'A collection of API keys.', 404: 'There is no such user.' },
  handle: async ({ params, query, user, context, request }) => {
    const owner = await readUser(context, params.userId, user, 'UserView')
    const { keys, total } = await listApiKeys(context.sql, { userId: owner.id, ...query })
    return collection({
      itemType: 'ApiKey',
      items: keys.map((key) => keyView(key)),
      total,
      skip: query.skip,
      take: query.take,
      path: `/api/users/Users-${owner.id}/apikeys`,
      query: request.query as Record<string, unknown>,
    })
  },
})

/** `GET /api/users/{userId}/apikeys/{id}`. */
export const getApiKey = operation({
  method: 'GET',
  path: '/users/{userId}/apikeys/{id}',
  scope: 'server',
  permission: 'authenticated',
  summary: 'One API key, without its text',
  params: keyParams,
  answers: { 200: 'The API key.', 404: 'There is no such key.' },
  handle: async ({ params, user, context }) => {
    const owner = await readUser(context, params.userId, user, 'UserView')
    const id = numberOfId('APIKeys', params.id)
    const key = id === undefined ? undefined : await findApiKey(context.sql, owner.id, id)
    if (!key) throw notFound('API key', params.id)
    return keyView(key)
  },
})
