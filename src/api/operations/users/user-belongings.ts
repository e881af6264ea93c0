import { z } from 'zod'
import { userMay } from '../../../identity/current-user.ts'
import { operation } from '../../operation.ts'
import { PROVIDERS } from '../root/authentication.ts'
import { readSpace } from '../spaces/space-view.ts'
import { permissionsView } from './permission-view.ts'
import { readUser, userParams } from './user-view.ts'

/** `GET /api/users/{id}/permissions`. */
export const getUserPermissions = operation({
  method: 'GET',
  path: '/users/{id}/permissions',
  scope: 'server',
  permission: 'authenticated',
  summary: 'What a user may do',
  params: userParams,
  answers: { 200: 'Permissions of spaces and of the system.', 404: 'There is no such user.' },
  handle: async ({ params, user, context }) => permissionsView(await readUser(context, params.id, user, 'UserView')),
})

/** `GET /api/users/{id}/spaces`. */
export const getUserSpaces = operation({
  method: 'GET',
  path: '/users/{id}/spaces',
  scope: 'server',
  permission: 'authenticated',
  summary: 'The spaces a user sees, as a bare list',
  params: userParams,
  answers: { 200: 'A list of spaces.', 404: 'There is no such user.' },
  handle: async ({ params, user, context }) => {
    await readUser(context, params.id, user, 'UserView')
    return [await readSpace(context.sql)]
  },
})

/** `GET /api/users/{id}/teams`. */
export const getUserTeams = operation({
  method: 'GET',
  path: '/users/{id}/teams',
  scope: 'server',
  permission: 'authenticated',
  summary: 'The teams of a user: none',
  params: userParams,
  answers: { 200: 'An empty list.', 404: 'There is no such user.' },
  handle: async ({ params, user, context }) => {
    await readUser(context, params.id, user, 'UserView')
    return []
  },
})

/** `GET /api/users/authentication`. */
export const getUserAuthentication = operation({
  method: 'GET',
  path: '/users/authentication',
  scope: 'server',
  permission: 'authenticated',
  summary: 'How the user who asks may log in',
  answers: { 200: 'The ways to log in.' },
  handle: async ({ user }) => ({
    AuthenticationProviders: PROVIDERS,
    CanCurrentUserEditIdentitiesForUser: userMay(user, 'UserEdit'),
    Links: { Self: '/api/users/authentication' },
  }),
})

/** `GET /api/users/authentication/{id}`. */
export const getAuthenticationOfUser = operation({
  method: 'GET',
  path: '/users/authentication/{id}',
  scope: 'server',
  permission: 'authenticated',
  summary: 'How a user may log in',
  params: z.object({ id: z.string() }),
  answers: { 200: 'The ways to log in.', 404: 'There is no such user.' },
  handle: async ({ params, user, context }) => {
    const found = await readUser(context, params.id, user, 'UserView')
    return {
      AuthenticationProviders: found.isService ? [] : PROVIDERS,
      CanCurrentUserEditIdentitiesForUser: userMay(user, 'UserEdit'),
      Links: { Self: `/api/users/authentication/${params.id}` },
    }
  },
})
