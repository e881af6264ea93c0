import type { Fitness } from '../../cluster/fitness.ts'
import type { DrainView, NodeView } from '../../cluster/view.ts'
import { wireDate, wireDateOrNull } from '../dates.ts'

/** A node as the wire has it, the same in lists, alone and in the summary. */
export function nodeView(node: NodeView) {
  return {
    Id: node.id,
    Name: node.name,
    MaxConcurrentTasks: node.taskCap,
    IsInMaintenanceMode: node.drain !== undefined,
    LastSeen: wireDateOrNull(node.lastSeen),
    IsOffline: node.isOffline,
    RunningTaskCount: node.running,
    Version: node.version ?? '',
    Rank: node.isLeader ? 'Leader' : 'Follower',
    IsLeader: node.isLeader,
    Status: node.status,
    OfflineSince: wireDateOrNull(node.offlineSince),
    OfflineCause: node.offlineCause ?? null,
    Url: node.url ?? null,
    PingUrl: node.pingUrl ?? null,
    StartTime: wireDateOrNull(node.startedAt),
    Incarnation: node.incarnation ?? null,
    CanClaim: canTakeTasks(node),
    Warnings: warningsOf(node),
    Drain: node.drain ? drainView(node.drain) : null,
    Fitness: node.fitness ? fitnessView(node.fitness) : null,
    LastModifiedOn: wireDate(node.modifiedAt),
    LastModifiedBy: node.modifiedBy ?? 'system',
    Links: nodeLinks(node.id),
  }
}

/** `GET /api/octopusservernodes/{id}/details`. */
export function nodeDetailsView(node: NodeView) {
  return {
    Id: node.id,
    RunningTasks: node.running,
    Links: { ...nodeLinks(node.id), Self: `${nodePath(node.id)}/details` },
  }
}

function canTakeTasks(node: NodeView): boolean {
  return node.canClaim && node.taskCap > 0
}

/** Why the node takes no tasks, or what is not as it should be. */
function warningsOf(node: NodeView): string[] {
  const { status, taskCap, running, fitness, offlineCause } = node
  const warnings = [...(fitness && !node.isOffline ? fitness.warnings : [])]
  if (running > taskCap && !node.isOffline) {
    warnings.push(
      `It runs ${running} tasks, more than its cap of ${taskCap}: lowering a cap ends nothing, so it starts none until enough have ended.`,
    )
  }
  if (status === 'Offline') warnings.push(offlineCause ?? 'It is offline.')
  else if (status === 'Starting') warnings.push('It is starting.')
  else if (node.drain) warnings.push(drainWarning(node.drain))
  else if (taskCap === 0) warnings.push('Its task cap is 0, so it serves requests and takes no tasks.')
  else if (!node.canClaim && warnings.length === 0) warnings.push('It says that it cannot take tasks at present.')
  return warnings
}

function drainWarning({ by, reason }: DrainView): string {
  return `It is in drain mode${by ? `, set by ${by}` : ''}${reason ? `: ${reason.replace(/\.$/, '')}` : ''}.`
}

function drainView(drain: DrainView) {
  return {
    Number: drain.number,
    Reason: drain.reason ?? '',
    By: drain.by ?? null,
    Since: wireDateOrNull(drain.since),
    Deadline: wireDateOrNull(drain.deadline),
    CancelAtDeadline: drain.cancelAtDeadline,
    UndrainAt: wireDateOrNull(drain.undrainAt),
    Retire: drain.retire,
  }
}

function fitnessView(fitness: Fitness) {
  return {
    EventLoopLagMs: fitness.eventLoopLagMs,
    DatabaseRoundTripMs: fitness.databaseRoundTripMs,
    ClockDifferenceMs: fitness.clockDifferenceMs,
    SharedFolderFreeBytes: fitness.sharedFolderFreeBytes ?? null,
    Warnings: fitness.warnings,
  }
}

function nodePath(id: string): string {
  return `/api/octopusservernodes/${id}`
}

function nodeLinks(id: string) {
  const self = nodePath(id)
  return {
    Self: self,
    Node: self,
    Details: `${self}/details`,
    Ping: '/api/octopusservernodes/ping',
    Tasks: `/api/tasks?node=${id}&running=true`,
    Drain: `${self}/drain`,
    Undrain: `${self}/undrain`,
  }
}
