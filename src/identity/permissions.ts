/** The permissions that Tako checks, by the names of the wire format where it has one. */
export const PERMISSIONS = [
  'AdministerSystem',
  'ServerNodeView',
  'ServerNodeEdit',
  'ServerNodeDelete',
  'QueuePause',
  'TaskView',
  'TaskCreate',
  'TaskCancel',
  'TaskEdit',
  'TaskAbandon',
  'EventView',
  'UserView',
  'UserEdit',
] as const

export type Permission = (typeof PERMISSIONS)[number]
export type Role = 'administrator' | 'operator' | 'viewer'

const VIEWER: readonly Permission[] = ['ServerNodeView', 'TaskView', 'EventView']
const OPERATOR: readonly Permission[] = [
  ...VIEWER,
  'ServerNodeEdit',
  'QueuePause',
  'TaskCreate',
  'TaskCancel',
  'TaskEdit',
]

/** What each role may do: an administrator everything, an operator nodes and tasks, a viewer look. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  administrator: PERMISSIONS,
  operator: OPERATOR,
  viewer: VIEWER,
}

/** True when the role holds the permission. */
export function roleMay(role: Role, permission: Permission): boolean {
  return ROLE_PERMISSIONS[role].includes(permission)
}
