import { z } from 'zod'
import { findUser, listUsers } from '../../../identity/users.ts'
import { commaList, MOST_ITEMS, paging } from '../../fields.ts'
import { notFound, numberOfId } from '../../ids.ts'
import { operation } from '../../operation.ts'
import { collection } from '../../paging.ts'
import { readUser, userParams, userView } from './user-view.ts'

/** `GET /api/users/me`. */
export const getCurrentUser = operation({
  method: 'GET',
  path: '/users/me',
  scope: 'server',
  permission: 'authenticated',
  summary: 'The user who asks',
  answers: { 200: 'The user.', 401: 'Nobody is logged in.' },
  handle: async ({ user, context }) => {
    const found = await findUser(context.sql, user.id)
    if (!found) throw notFound('user', user.username)
    return userView(found, user)
  },
})

/** `GET /api/users`. */
export const getUsers = operation({
  method: 'GET',
  path: '/users',
  scope: 'server',
  permission: 'UserView',
  summary: 'The users, by name',
  query: z.object({ ...paging, ids: commaList(), filter: z.string().optional() }),
  answers: { 200: 'A collection of users.' },
  handle: async ({ query, user, context, request }) => {
    const ids = query.ids?.flatMap((id) => numberOfId('Users', id) ?? [])
    const { users, total } = await listUsers(context.sql, { ...query, ids })
    return collection({
      itemType: 'User',
      items: users.map((one) => userView(one, user)),
      total,
      skip: query.skip,
      take: query.take,
      path: '/api/users',
      query: request.query as Record<string, unknown>,
    })
  },
})

/** `GET /api/users/all`. */
export const getAllUsers = operation({
  method: 'GET',
  path: '/users/all',
  scope: 'server',
  permission: 'UserView',
  summary: 'The users as a bare list',
  answers: { 200: 'A list of users.' },
  handle: async ({ user, context }) => {
    const { users } = await listUsers(context.sql, { skip: 0, take: MOST_ITEMS })
    return users.map((one) => userView(one, user))
  },
})

/** `GET /api/users/{id}`. */
export const getUser = operation({
  method: 'GET',
  path: '/users/{id}',
  scope: 'server',
  permission: 'authenticated',
  summary: 'One user: oneself, or with UserView anybody',
  params: userParams,
  answers: { 200: 'The user.', 403: 'It is somebody else, and UserView is missing.', 404: 'There is no such user.' },
  handle: async ({ params, user, context }) => userView(await readUser(context, params.id, user, 'UserView'), user),
})
