import { causeToLead, voidBecause } from './leadership-rules.ts'
import type { ClusterView, DrainView, NodeView } from './view.ts'
import { contenderOf, holderOf } from './watch-decisions.ts'

/** A change that somebody thinks about: by names of nodes. */
export interface PlannedChange {
  drain: ReadonlySet<string>
  taskCaps: ReadonlyMap<string, number>
}

/** What the cluster would be after a change, as far as it can be told before. */
export interface WhatIf {
  /** The nodes that the change names, as they would be. */
  affected: readonly NodeView[]
  /** Nodes whose ping answers 200 now. */
  activeNow: readonly NodeView[]
  /** Those whose ping would answer 200 afterwards. */
  staying: readonly NodeView[]
  /** Slots of the nodes that could claim afterwards. */
  taskCap: number
  /** Attempts that run on the affected nodes. */
  running: number
  /** The drain would be refused unless it is confirmed. */
  needsConfirmation: boolean
  /** Who would lead: the leader itself when it stays; undefined when nobody or more than one could. */
  leader: string | undefined
  /** Every node that could lead afterwards, in order of name: whoever of them is first to stand gets the lead. */
  leaderCandidates: readonly string[]
}

/** Works out what a change would make of the cluster, by the rules that elections, claims and drains go by. Pure. */
export function whatIf(view: ClusterView, change: PlannedChange): WhatIf {
  const after: ClusterView = { ...view, nodes: view.nodes.map((node) => changed(node, change, view.readAt)) }
  const isAffected = ({ name }: NodeView) => change.drain.has(name) || change.taskCaps.has(name)
  const affected = after.nodes.filter(isAffected)
  const isNewlyDrained = view.nodes.some((node) => node.drain === undefined && change.drain.has(node.name))
  const { leader, candidates } = leadAfter(after)
  return {
    affected,
    activeNow: view.nodes.filter(isActive),
    staying: after.nodes.filter(isActive),
    taskCap: after.nodes.reduce((sum, node) => sum + (node.canClaim ? node.taskCap : 0), 0),
    running: affected.reduce((sum, node) => sum + node.running, 0),
    needsConfirmation: isNewlyDrained && !after.nodes.some((node) => !node.isOffline && node.drain === undefined),
    leader,
    leaderCandidates: candidates,
  }
}

function isActive({ status }: NodeView): boolean {
  return status === 'Online'
}

function changed(node: NodeView, { drain, taskCaps }: PlannedChange, at: Date): NodeView {
  const taskCap = taskCaps.get(node.name) ?? node.taskCap
  if (node.drain !== undefined || !drain.has(node.name)) return { ...node, taskCap }
  const drained = node.running > 0 ? 'Draining' : 'Drained'
  return {
    ...node,
    taskCap,
    drain: { ...PLAIN_DRAIN, number: node.drainNumber + 1, since: at },
    status: node.status === 'Online' ? drained : node.status,
    canClaim: false,
  }
}

const PLAIN_DRAIN: Omit<DrainView, 'number' | 'since'> = {
  reason: undefined,
  by: undefined,
  deadline: undefined,
  cancelAtDeadline: false,
  undrainAt: undefined,
  retire: false,
}

/** Every node is asked by the election's own rule whether it may take the lead; when none may, the holder keeps it. */
function leadAfter(view: ClusterView): { leader: string | undefined; candidates: string[] } {
  const { term, holder: held, releasedBecause } = view.leadership
  const isHolderSilent = view.nodes.some((node) => node.incarnation === held?.incarnation && node.isSilent)
  const holder = holderOf(view, isHolderSilent)
  const contenders = view.nodes.map((node) => contenderOf(node, view))
  const takers = contenders.filter((me) => {
    const others = contenders.filter((other) => other !== me)
    return causeToLead(me, others, { term, holder, releasedBecause }) !== undefined
  })
  const keeps = holder && voidBecause(holder) === undefined ? [holder.node] : []
  const candidates = takers.length > 0 ? takers.map(({ node }) => node) : keeps
  return { leader: candidates.length === 1 ? candidates[0] : undefined, candidates }
}
