import { usageFailure } from './exit-codes.ts'

const NODE_PREFIX = 'OctopusServerNodes-'
const TASK_PREFIX = 'ServerTasks-'

/** The API's path of a node that was given by its name or its id, in any case. */
export function nodePath(nameOrId: string): string {
  return `/api/octopusservernodes/${encodeURIComponent(NODE_PREFIX + nodeName(nameOrId))}`
}

/** The name in a node's name or id. Names are lower case. */
export function nodeName(nameOrId: string): string {
  const name = nameOrId.trim().toLowerCase()
  const bare = name.startsWith(NODE_PREFIX.toLowerCase()) ? name.slice(NODE_PREFIX.length) : name
  if (bare === '') throw usageFailure('The name of a node is missing.', 'tako node list shows the names.')
  return bare
}

/** The id of a task that was given as `ServerTasks-12`, in any case, or as `12`. Throws a usage failure when it is neither. */
export function taskId(text: string): string {
  const match = /^(?:servertasks-)?([1-9]\d{0,15})$/i.exec(text.trim())
  if (!match) throw usageFailure(`'${text}' is not the id of a task.`, 'Write ServerTasks-12, or 12 for short.')
  return `${TASK_PREFIX}${match[1]}`
}

/** The API's path of a task. */
export function taskPath(id: string): string {
  return `/api/tasks/${id}`
}
