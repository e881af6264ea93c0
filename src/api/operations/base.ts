import type { Operation } from '../operation.ts'
import { deleteApiKey, postApiKey } from './api-keys/change-api-keys.ts'
import { getApiKey, getApiKeys } from './api-keys/get-api-keys.ts'
import { getAuthentication } from './root/authentication.ts'
import { getCapability, listCapabilities } from './root/capabilities.ts'
import { listFeatureToggles } from './root/feature-toggles.ts'
import { listPermissions } from './root/permissions.ts'
import { root, spaceHome } from './root/root.ts'
import { getSpace, listAllSpaces, listSpaces } from './spaces/list-spaces.ts'
import { listAllTeams, listTeams } from './teams/teams.ts'
import { deleteUser, putUser, revokeUserSessions } from './users/change-user.ts'
import { postUser } from './users/create-user.ts'
import { getAllUsers, getCurrentUser, getUser, getUsers } from './users/get-users.ts'
import { login, logout } from './users/login.ts'
import {
  getAuthenticationOfUser,
  getUserAuthentication,
  getUserPermissions,
  getUserSpaces,
  getUserTeams,
} from './users/user-belongings.ts'

/** What has to do with who asks and with finding one's way: everything but the cluster's own work. */
export const baseOperations: readonly Operation[] = [
  getAuthentication,
  listCapabilities,
  getCapability,
  listFeatureToggles,
  listPermissions,
  listSpaces,
  listAllSpaces,
  getSpace,
  listTeams,
  listAllTeams,
  login,
  logout,
  getCurrentUser,
  getUsers,
  getAllUsers,
  getUser,
  postUser,
  putUser,
  deleteUser,
  ...revokeUserSessions,
  getUserPermissions,
  getUserSpaces,
  getUserTeams,
  getUserAuthentication,
  getAuthenticationOfUser,
  getApiKeys,
  getApiKey,
  postApiKey,
  deleteApiKey,
]

/** The operations together with the two documents that lead to them. */
export function withRoot(operations: readonly Operation[]): Operation[] {
  return [...operations, root(operations), spaceHome(operations)]
}
