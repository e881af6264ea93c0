/** The permissions there are, each with what it allows, in the words of a sentence that begins "You may not". */
const PERMISSIONS = {
  AdministerSystem: 'change what concerns the whole system',
  ServerNodeView: 'see the nodes',
  ServerNodeEdit: 'drain nodes, set their task cap or have the leader step down',
  ServerNodeDelete: 'delete or retire nodes or declare them dead',
  QueuePause: 'pause or resume the queue',
  TaskView: 'see tasks',
  TaskCreate: 'create tasks or run them again',
  TaskCancel: 'cancel tasks',
  TaskEdit: 'change tasks, their order or the cluster jobs',
  TaskAbandon: 'abandon tasks',
  EventView: 'read the audit trail',
  UserView: 'see users',
  UserEdit: 'change users',
} as const

export type Permission = keyof typeof PERMISSIONS

/** Why something is not allowed: names the permission that is missing. */
export function whyForbidden(permission: Permission): string {
  return `You may not ${PERMISSIONS[permission]}. The permission ${permission} is missing.`
}

/** All there are, each with what it allows. */
export const ALL_PERMISSIONS = Object.entries(PERMISSIONS).map(([name, allows]) => ({ name, allows }))
