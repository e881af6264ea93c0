import { colourOf } from './colour.ts'
import type { Cell } from './table.ts'
import { timeAgo, timeSince } from './time-ago.ts'
import type { ClusterResource, NodeDrain, NodeResource } from './wire.ts'
import { because, by, count } from './words.ts'

/** Rows and sentences about nodes, the same in every command. */

export const NODE_COLUMNS = [
  { title: 'NODE', shrinkTo: 12 },
  { title: 'RANK' },
  { title: 'STATUS' },
  { title: 'LAST SEEN' },
  { title: 'TASKS', align: 'right' },
  { title: 'VERSION', shrinkTo: 7 },
  { title: 'FITNESS', shrinkTo: 10 },
] as const

/** A node's line in the list. */
export function nodeRow(node: NodeResource, nowMs: number): Cell[] {
  return [
    { text: node.Name, colour: 'bold' },
    rankOf(node),
    { text: node.Status.toLowerCase(), colour: colourOf(node.Status) },
    timeAgo(node.LastSeen, nowMs),
    `${node.RunningTaskCount}/${node.MaxConcurrentTasks}`,
    node.Version,
    { text: fitnessWord(node), colour: 'yellow' },
  ]
}

export function rankOf(node: NodeResource): string {
  return node.IsLeader ? 'leader' : 'follower'
}

export function warningsOf(node: NodeResource): readonly string[] {
  return node.Fitness?.Warnings ?? []
}

function fitnessWord(node: NodeResource): string {
  const warnings = warningsOf(node)
  return warnings.length === 0 ? '' : count(warnings.length, 'warning')
}

/** What an operator should know of a node that its line does not say, each as a sentence. */
export function nodeRemarks(node: NodeResource, nowMs: number): string[] {
  const remarks = warningsOf(node).map((warning) => `${node.Name}: ${warning}`)
  if (node.Drain) remarks.push(`${node.Name}: drain ${drainText(node.Drain, (date) => timeAgo(date, nowMs))}.`)
  if (node.IsOffline && node.OfflineCause) remarks.push(`${node.Name}: ${node.OfflineCause}`)
  return remarks
}

/** `asked for by admin 3m ago: new kernel; deadline in 25m, then its tasks are canceled`, dates written by `when`. */
export function drainText(drain: NodeDrain, when: (date: string) => string): string {
  const since = drain.Since ? ` ${when(drain.Since)}` : ''
  const parts = [`asked for${by(drain.By)}${since}${because(drain.Reason)}`]
  if (drain.Deadline) {
    parts.push(`deadline ${when(drain.Deadline)}${drain.CancelAtDeadline ? ', then its tasks are canceled' : ''}`)
  }
  if (drain.UndrainAt) parts.push(`ends by itself ${when(drain.UndrainAt)}`)
  if (drain.Retire) parts.push('the node stops and is removed once it is drained')
  return parts.join('; ')
}

/** The lines about the cluster: leader, slots, queue, and whether it is paused. */
export function clusterLines(cluster: ClusterResource, nodes: readonly NodeResource[], nowMs: number): string[] {
  const leader = nodes.find((node) => node.Id === cluster.LeaderNodeId)?.Name ?? cluster.LeaderNodeId
  const lead = leader
    ? `Leader ${leader} for ${timeSince(cluster.LeaderSince, nowMs)} (term ${cluster.Term}).`
    : `No leader (last term ${cluster.Term}).`
  const load = loadText(
    cluster.RunningTaskCount,
    cluster.TotalTaskCap,
    cluster.QueuedTaskCount,
    cluster.OldestQueuedAt,
    nowMs,
  )
  return [`${lead} ${load}`, ...pausedLines(cluster, nowMs)]
}

/** `9 of 15 slots taken, 1,204 tasks queued, the oldest for 1m 5s.` */
export function loadText(
  running: number,
  slots: number,
  queued: number,
  oldestAt: string | null,
  nowMs: number,
): string {
  const oldest = oldestAt && queued > 0 ? `, the oldest for ${timeSince(oldestAt, nowMs)}` : ''
  return `${running} of ${count(slots, 'slot')} taken, ${queued === 0 ? 'nothing' : count(queued, 'task')} queued${oldest}.`
}

/** The line that says that the queue is paused, or nothing. */
export function pausedLines(
  queue: { IsPaused: boolean; PausedBy: string | null; PausedAt: string | null; PauseReason: string | null },
  nowMs: number,
): string[] {
  if (!queue.IsPaused) return []
  const since = queue.PausedAt ? ` ${timeAgo(queue.PausedAt, nowMs)}` : ''
  return [
    `The queue is paused${by(queue.PausedBy)}${since}${because(queue.PauseReason)}. Nothing starts until "tako queue resume".`,
  ]
}
