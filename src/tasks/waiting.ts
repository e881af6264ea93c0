import { formatDuration } from '../lib/duration.ts'
import { type TaskRow, taskId } from './task-row.ts'

/** What a node contributes to the answer. */
export interface WaitingNode {
  name: string
  isOffline: boolean
  isDraining: boolean
  canClaim: boolean
  taskCap: number
  running: number
}

/** What the answer to «why does this task wait» is made of. */
export interface WaitingFacts {
  /** The database's clock. */
  now: Date
  pause: { reason: string | undefined; by: string | undefined } | undefined
  nodes: readonly WaitingNode[]
  hasLeader: boolean
  /** The task that holds this task's tag, if one does. */
  tagHolder: { id: number; node: string | null } | undefined
  /** False when no node of this version knows the kind. */
  isKindKnown: boolean
}

/**
 * Why a task waits, in a sentence that names what it waits for and what would change it; undefined for a task that does
 * not wait. The gravest reason wins: what would keep it waiting although everything behind it were mended.
 */
export function waitingBecause(task: WaitingTask, facts: WaitingFacts): string | undefined {
  if (task.state !== 'Queued') return undefined
  return obstacleOf(task, facts) ?? freeSlotsSentence(facts.nodes)
}

/** What the facts of a waiting task are told from. */
export type WaitingTask = Pick<TaskRow, 'id' | 'state' | 'kind' | 'queueTime' | 'leaderOnly' | 'tag'>

/** What keeps a queued task from starting, in a sentence; undefined when nothing does. */
export function obstacleOf(task: WaitingTask, facts: WaitingFacts): string | undefined {
  if (facts.pause) return pauseSentence(facts.pause)
  const waitMs = task.queueTime.getTime() - facts.now.getTime()
  if (waitMs > 0) return `It is to start at ${task.queueTime.toISOString()}, in ${formatDuration(waitMs)}.`
  if (!facts.isKindKnown)
    return `No node that was asked knows the kind ${task.kind}: a newer or older version of Tako may.`
  if (facts.tagHolder && facts.tagHolder.id !== task.id) return tagSentence(task.tag ?? '', facts.tagHolder)
  const nodes = nodesSentence(facts.nodes)
  if (nodes) return nodes
  if (task.leaderOnly && !facts.hasLeader) return 'It runs on the leader only, and no node leads at present.'
  return busySentence(facts.nodes)
}

function pauseSentence(pause: { reason: string | undefined; by: string | undefined }): string {
  const by = pause.by ? ` by ${pause.by}` : ''
  return `The queue is paused${by}${pause.reason ? `: ${pause.reason}` : ''}. Nothing starts until it is resumed.`
}

function tagSentence(tag: string, holder: { id: number; node: string | null }): string {
  const where = holder.node === null ? '' : ` on ${holder.node}`
  return `${taskId(holder.id)}${where} runs with the same concurrency tag (${tag}); one at a time.`
}

function nodesSentence(nodes: readonly WaitingNode[]): string | undefined {
  const online = nodes.filter((node) => !node.isOffline)
  if (online.length === 0) return 'No node is online.'
  const undrained = online.filter((node) => !node.isDraining)
  if (undrained.length === 0) return `Every node that is online is drained (${names(online)}). Undrain one.`
  const able = undrained.filter((node) => node.canClaim)
  if (able.length === 0) return `No node takes tasks at present (${names(undrained)}): see their warnings.`
  if (able.every((node) => node.taskCap === 0))
    return `Every node that takes tasks has a task cap of 0 (${names(able)}). Raise one.`
  return undefined
}

function busySentence(nodes: readonly WaitingNode[]): string | undefined {
  const { able, slots, busy } = slotsOf(nodes)
  if (busy < slots) return undefined
  const drained = nodes.filter((node) => !node.isOffline && node.isDraining)
  const hint = drained.length > 0 ? ` ${names(drained)} ${drained.length === 1 ? 'is' : 'are'} drained.` : ''
  return `All ${slots} slots are busy (task cap of ${names(able)}).${hint} It starts when a task ends.`
}

function freeSlotsSentence(nodes: readonly WaitingNode[]): string {
  const { slots, busy } = slotsOf(nodes)
  return `It starts in a moment: ${slots - busy} of ${slots} slots are free.`
}

/** A node that runs more than its cap, since that was lowered, has no slot for others to count on. */
function slotsOf(nodes: readonly WaitingNode[]) {
  const able = nodes.filter((node) => !node.isOffline && !node.isDraining && node.canClaim)
  const slots = able.reduce((sum, node) => sum + node.taskCap, 0)
  const busy = able.reduce((sum, node) => sum + Math.min(node.running, node.taskCap), 0)
  return { able, slots, busy }
}

function names(nodes: readonly WaitingNode[]): string {
  const shown = nodes.slice(0, 5).map((node) => node.name)
  return nodes.length > 5 ? `${shown.join(', ')} and ${nodes.length - 5} more` : shown.join(', ')
}
