import { type Permission, ROLE_PERMISSIONS } from '../../../identity/permissions.ts'
import { type User, userIdText } from '../../../identity/users.ts'
import { DEFAULT_SPACE } from '../../spaces.ts'

export const PERMISSION_DESCRIPTIONS: Readonly<Record<Permission, string>> = {
  AdministerSystem: 'Change what concerns the whole system',
  ServerNodeView: 'See the nodes, their tasks and their state',
  ServerNodeEdit: 'Drain nodes, set their task cap, and ask the leader to step down',
  ServerNodeDelete: 'Delete nodes, retire them, and declare them dead',
  QueuePause: 'Pause and resume the whole queue',
  TaskView: 'See tasks and read their logs',
  TaskCreate: 'Create tasks and run them again',
  TaskCancel: 'Cancel tasks',
  TaskEdit: 'Change the order and the state of tasks',
  TaskAbandon: 'Abandon tasks that do not end',
  EventView: 'Read the audit trail',
  UserView: 'See users and their API keys',
  UserEdit: 'Create, change and delete users',
}

const OF_SPACE: ReadonlySet<Permission> = new Set([
  'TaskView',
  'TaskCreate',
  'TaskCancel',
  'TaskEdit',
  'TaskAbandon',
  'EventView',
])

/** True for a permission that the wire format gives within a space. */
export function isSpacePermission(permission: Permission): boolean {
  return OF_SPACE.has(permission)
}

/** What a user may do, as the wire has it. */
export function permissionsView(user: User) {
  const held = ROLE_PERMISSIONS[user.role]
  const everywhere = {
    RestrictedToProjectIds: [],
    RestrictedToEnvironmentIds: [],
    RestrictedToTenantIds: [],
    RestrictedToProjectGroupIds: [],
    SpaceId: DEFAULT_SPACE,
  }
  const id = userIdText(user.id)
  return {
    Id: id,
    Role: user.role,
    SpacePermissions: Object.fromEntries(
      held.filter(isSpacePermission).map((permission) => [permission, [everywhere]]),
    ),
    SystemPermissions: held.filter((permission) => !isSpacePermission(permission)),
    Teams: [],
    IsTeamsComplete: true,
    IsPermissionsComplete: true,
    Links: { Self: `/api/users/${id}/permissions`, User: `/api/users/${id}` },
  }
}
