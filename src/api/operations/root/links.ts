import type { Operation } from '../../operation.ts'

/** Where clients look for things, by the names they know; templates of RFC 6570. */
const SERVER_LINKS: Readonly<Record<string, string>> = {
  Self: '/api',
  Authentication: '/api/authentication',
  CurrentUser: '/api/users/me',
  Users: '/api/users{/id}{?skip,take,ids,filter}',
  SignIn: '/api/users/login{?returnUrl}',
  SignOut: '/api/users/logout',
  UserAuthentication: '/api/users/authentication{/userId}',
  Spaces: '/api/spaces{/id}{?skip,ids,take,partialName}',
  SpaceHome: '/api/{spaceId}',
  Teams: '/api/teams{/id}{?skip,take,ids,partialName,spaces,includeSystem}',
  PermissionDescriptions: '/api/permissions/all',
  OctopusServerNodes: '/api/octopusservernodes{/id}{?skip,take,ids,partialName}',
  OctopusServerClusterSummary: '/api/octopusservernodes/summary',
  Leadership: '/api/leadership',
  Queue: '/api/queue',
  Tasks:
    '/api/tasks{/id}{?skip,active,environment,tenant,runbook,project,name,node,running,states,hasPendingInterruptions,hasWarningsOrErrors,take,ids,partialName,spaces,includeSystem,description,fromCompletedDate,toCompletedDate,fromQueueDate,toQueueDate,fromStartDate,toStartDate}',
  TaskTypes: '/api/tasks/tasktypes',
  SchedulerStatus: '/api/scheduler',
  Scheduler: '/api/scheduler/{name}/logs{?verbose,tail}',
  ServerStatus: '/api/serverstatus',
  ServerHealthStatus: '/api/serverstatus/health',
  Timezones: '/api/serverstatus/timezones',
  ExtensionStats: '/api/serverstatus/extensions',
  MaintenanceConfiguration: '/api/maintenanceconfiguration',
  Events:
    '/api/events{/id}{?skip,regarding,regardingAny,user,users,projects,projectGroups,environments,eventGroups,eventCategories,eventAgents,tags,tenants,from,to,internal,fromAutoId,toAutoId,documentTypes,asCsv,take,ids,spaces,includeSystem,excludeDifference}',
  EventStream: '/api/events/stream',
  EventAgents: '/api/events/agents',
  EventCategories: '/api/events/categories{?appliesTo}',
  EventGroups: '/api/events/groups{?appliesTo}',
  EventDocumentTypes: '/api/events/documenttypes',
}

/** What a space's own document leads to; the server's document holds the same for the default space. */
const SPACE_LINKS = ['Tasks', 'TaskTypes', 'Events'] as const

/** The links of `GET /api`: those of the table that lead to an operation, so that nothing is promised that is not there. */
export function serverLinks(operations: readonly Operation[]): Record<string, string> {
  const served = new Set(
    operations.flatMap((operation) => [shapeOf(operation.path), shapeOf(operation.path).replace(/\/:x$/, '')]),
  )
  const links = Object.entries(SERVER_LINKS).filter(([, template]) =>
    served.has(shapeOf(template.slice('/api'.length))),
  )
  return { ...Object.fromEntries(links), Web: '/app' }
}

/** The links of `GET /api/{space}`. */
export function spaceLinks(operations: readonly Operation[], space: string): Record<string, string> {
  const links = serverLinks(operations)
  const own = SPACE_LINKS.flatMap((name) =>
    links[name] === undefined ? [] : [[name, links[name].replace('/api', `/api/${space}`)]],
  )
  return { Self: `/api/${space}`, ...Object.fromEntries(own), Web: `/app#/${space}` }
}

/** A path or template with every parameter the same, without what is optional. */
function shapeOf(path: string): string {
  return path
    .replaceAll(/\{[/?][^}]*\}/g, '')
    .replaceAll(/:\w+(?:\([^)]*\))?|\{\w+\}/g, ':x')
    .replace(/\/$/, '')
    .toLowerCase()
}
