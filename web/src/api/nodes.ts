import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { Action } from './action.ts'
import { call, read } from './client.ts'
import type { LostTask, Node, NodeLoad, NodeSummary, Page, Queue, RerunResult, WhatIf } from './wire.ts'

const NODES_EVERY_MS = 5000
const path = (id: string) => `/octopusservernodes/${encodeURIComponent(id)}`

/** All nodes and the cluster as a whole. */
export function nodeSummaryQuery() {
  return queryOptions({
    queryKey: ['nodes', 'summary'],
    queryFn: ({ signal }) => read<NodeSummary>('/octopusservernodes/summary', { signal }),
    refetchInterval: NODES_EVERY_MS,
    meta: { topics: ['node', 'leadership', 'queue', 'task'] },
  })
}

/** One node, by id or name. */
export function nodeQuery(id: string) {
  return queryOptions({
    queryKey: ['nodes', id],
    queryFn: ({ signal }) => read<Node>(path(id), { signal }),
    refetchInterval: NODES_EVERY_MS,
    meta: { topics: ['node', 'leadership', 'task'] },
  })
}

/** What a node ran in the last so many minutes, at most 180. Read every 5 s: on every task's change it would cost more than it tells. */
export function nodeLoadQuery(id: string, minutes: number) {
  return queryOptions({
    queryKey: ['nodes', id, 'load', minutes],
    queryFn: ({ signal }) => read<NodeLoad>(`${path(id)}/load`, { query: { minutes }, signal }),
    refetchInterval: NODES_EVERY_MS,
    placeholderData: keepPreviousData,
    meta: { topics: ['node'] },
  })
}

/** What the cluster would be if these nodes (ids or names) were drained. Kept up to date while it is shown. */
export function whatIfQuery(drain: readonly string[]) {
  return queryOptions({
    queryKey: ['nodes', 'what-if', drain],
    queryFn: ({ signal }) => read<WhatIf>('/octopusservernodes/what-if', { query: { drain }, signal }),
    enabled: drain.length > 0,
    refetchInterval: NODES_EVERY_MS,
    meta: { topics: ['node', 'leadership', 'queue', 'task'] },
  })
}

/** What a node lost since a moment (within the last day without one), newest first, also of a deleted node. */
export function lostTasksQuery(id: string, since?: string) {
  return queryOptions({
    queryKey: ['nodes', id, 'lost-tasks', since],
    queryFn: ({ signal }) => read<Page<LostTask>>(`${path(id)}/lost-tasks`, { query: { since, take: 1000 }, signal }),
    refetchInterval: 10_000,
    meta: { topics: ['node', 'task'] },
  })
}

/** Of a drain that is on, what is absent stays and null takes it away. Moments are dates or durations such as `1h30m`. */
export interface DrainWish {
  Reason?: string | null
  Deadline?: string | null
  CancelAtDeadline?: boolean
  UndrainAt?: string | null
}

type Named = Pick<Node, 'Id' | 'Name'>

export const drainNode: Action<{ node: Named; wish?: DrainWish }, Node> = {
  run: ({ node, wish }, more) => call('POST', `${path(node.Id)}/drain`, { body: { ...wish, ...more } }),
  done: ({ node }) => `${node.Name} is in drain mode.`,
  topics: ['node', 'leadership'],
  confirm: ({ node }) => ({ title: `Drain ${node.Name}?`, action: 'Drain', isDangerous: true }),
}

export const undrainNode: Action<{ node: Named }, Node> = {
  run: ({ node }) => call('POST', `${path(node.Id)}/undrain`, { body: {} }),
  done: ({ node }) => `${node.Name} takes tasks again.`,
  topics: ['node', 'leadership'],
}

/** Several nodes by one wish, one after the other. A confirmation counts for all of them. */
export const drainNodes: Action<{ nodes: readonly Named[]; wish?: DrainWish }, Node[]> = {
  async run({ nodes, wish }, more, key) {
    const drained: Node[] = []
    for (const node of nodes) drained.push(await drainNode.run({ node, ...(wish ? { wish } : {}) }, more, key))
    return drained
  },
  done: ({ nodes }) =>
    nodes.length === 1 ? `${nodes[0]?.Name} is in drain mode.` : `${nodes.length} nodes are in drain mode.`,
  topics: ['node', 'leadership'],
  confirm: ({ nodes }) => ({
    title: nodes.length === 1 ? `Drain ${nodes[0]?.Name}?` : `Drain ${nodes.length} nodes?`,
    action: 'Drain',
    isDangerous: true,
  }),
}

export const undrainNodes: Action<{ nodes: readonly Named[] }, Node[]> = {
  async run({ nodes }, more, key) {
    const undrained: Node[] = []
    for (const node of nodes) undrained.push(await undrainNode.run({ node }, more, key))
    return undrained
  },
  done: ({ nodes }) =>
    nodes.length === 1 ? `${nodes[0]?.Name} takes tasks again.` : `${nodes.length} nodes take tasks again.`,
  topics: ['node', 'leadership'],
}

/** Runs lost tasks again, each loss once however often it is asked for. */
export const rerunLost: Action<
  { node: Named; taskIds: readonly string[] },
  { Results: RerunResult[]; NewCount: number }
> = {
  run: ({ node, taskIds }) => call('POST', `${path(node.Id)}/rerun-lost`, { body: { TaskIds: taskIds } }),
  done: ({ node }, { NewCount }) => `${NewCount} lost ${NewCount === 1 ? 'task' : 'tasks'} of ${node.Name} run again.`,
  topics: ['task', 'queue', 'node'],
}

export const setTaskCap: Action<{ node: Named; cap: number }, Node> = {
  run: ({ node, cap }, more) => call('PUT', path(node.Id), { body: { MaxConcurrentTasks: cap, ...more } }),
  done: ({ node, cap }) => `The task cap of ${node.Name} is ${cap}.`,
  topics: ['node', 'leadership'],
  confirm: ({ node, cap }) => ({ title: `Set the task cap of ${node.Name} to ${cap}?`, action: 'Set task cap' }),
}

/** Without `forget` a later start under this name takes over cap and drain. */
export const deleteNode: Action<{ node: Named; forget?: boolean }, unknown> = {
  run: ({ node, forget }) => call('DELETE', path(node.Id), { query: { forget } }),
  done: ({ node }) => `${node.Name} is deleted.`,
  topics: ['node', 'leadership'],
}

export const declareNodeDead: Action<{ node: Named }, Node> = {
  run: ({ node }) => call('POST', `${path(node.Id)}/declare-dead`, { body: { Confirm: node.Name } }),
  done: ({ node }) => `${node.Name} is declared dead. What it ran is settled.`,
  topics: ['node', 'leadership', 'task'],
}

export const retireNode: Action<{ node: Named; wish?: Omit<DrainWish, 'UndrainAt'> }, Node> = {
  run: ({ node, wish }, more) => call('POST', `${path(node.Id)}/retire`, { body: { ...wish, ...more } }),
  done: ({ node }) => `${node.Name} drains, stops, and leaves the cluster.`,
  topics: ['node', 'leadership'],
  confirm: ({ node }) => ({ title: `Retire ${node.Name}?`, action: 'Retire', isDangerous: true }),
}

export const stepDown: Action<{ reason?: string }, unknown> = {
  run: ({ reason }) => call('POST', '/leadership/step-down', { body: { Reason: reason } }),
  done: () => 'The leader steps down.',
  topics: ['node', 'leadership'],
}

export const pauseQueue: Action<{ reason?: string }, Queue> = {
  run: ({ reason }) => call('POST', '/queue/pause', { body: { Reason: reason } }),
  done: () => 'The queue is paused. Running tasks go on.',
  topics: ['queue', 'node'],
}

export const resumeQueue: Action<void, Queue> = {
  run: () => call('POST', '/queue/resume', { body: {} }),
  done: () => 'The queue runs again.',
  topics: ['queue', 'node'],
}
