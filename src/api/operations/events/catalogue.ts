import type { EventCategory } from '../../../identity/audit.ts'

/** The categories of the audit trail: the group each belongs to, and its name for people. */
export const EVENT_CATEGORIES = {
  Created: { group: 'Documents', name: 'Created' },
  Modified: { group: 'Documents', name: 'Modified' },
  Deleted: { group: 'Documents', name: 'Deleted' },
  NodeRegistered: { group: 'Nodes', name: 'Node registered' },
  NodeStopped: { group: 'Nodes', name: 'Node stopped' },
  NodeLost: { group: 'Nodes', name: 'Node lost' },
  NodeReturned: { group: 'Nodes', name: 'Node returned' },
  NodeDrainStarted: { group: 'Nodes', name: 'Node drain started' },
  NodeDrained: { group: 'Nodes', name: 'Node drained' },
  NodeDrainEnded: { group: 'Nodes', name: 'Node drain ended' },
  LeaderElected: { group: 'Leadership', name: 'Leader elected' },
  LeaderReleased: { group: 'Leadership', name: 'Leader released' },
  QueuePaused: { group: 'Queue', name: 'Queue paused' },
  QueueResumed: { group: 'Queue', name: 'Queue resumed' },
  TaskCanceled: { group: 'Tasks', name: 'Task canceled' },
  TaskAbandoned: { group: 'Tasks', name: 'Task abandoned' },
  TaskExpired: { group: 'Tasks', name: 'Task expired in the queue' },
  TaskSettled: { group: 'Tasks', name: 'Task of a lost node settled' },
  TaskLateWriteRefused: { group: 'Tasks', name: 'Late result refused' },
  TaskRerun: { group: 'Tasks', name: 'Task run again' },
  TaskPrioritized: { group: 'Tasks', name: 'Task moved to the top' },
  LoginSucceeded: { group: 'Logins', name: 'Login succeeded' },
  LoginFailed: { group: 'Logins', name: 'Login failed' },
  LoggedOut: { group: 'Logins', name: 'Logged out' },
} as const satisfies Record<EventCategory, { group: string; name: string }>

export type EventGroup = (typeof EVENT_CATEGORIES)[EventCategory]['group']

/** The groups in the order they are shown in, each with its categories. */
export function eventGroups(): { id: EventGroup; categories: EventCategory[] }[] {
  const groups = new Map<EventGroup, EventCategory[]>()
  for (const [category, { group }] of Object.entries(EVENT_CATEGORIES) as [EventCategory, { group: EventGroup }][]) {
    groups.set(group, [...(groups.get(group) ?? []), category])
  }
  return [...groups].map(([id, categories]) => ({ id, categories }))
}

/** What a request may have come from: known by how its `User-Agent` begins. The first that fits is it. */
export const EVENT_AGENTS = [
  { id: 'console', name: 'Browser', prefix: 'Mozilla/' },
  { id: 'tako-cli', name: 'Tako CLI', prefix: 'tako' },
  { id: 'ts-client', name: 'Octopus TypeScript client', prefix: 'ts-octopusdeploy' },
  { id: 'go-client', name: 'Octopus Go client and CLI', prefix: 'go-octopusdeploy' },
  { id: 'dotnet-client', name: 'Octopus .NET client', prefix: 'OctopusClient-dotnet' },
  { id: 'curl', name: 'curl', prefix: 'curl/' },
] as const

/** Events without a user agent: what the system did by itself. */
export const SYSTEM_AGENT = { id: 'system', name: 'System' } as const

/** What the events are about, by the first part of the ids they name. */
export const DOCUMENT_TYPES = {
  OctopusServerNodes: 'Node',
  ServerTasks: 'Task',
  ScheduledTasks: 'Recurring job',
  Users: 'User',
  APIKeys: 'API key',
  Queue: 'Queue',
  Leadership: 'Leadership',
} as const
