import { type Contender, causeToLead, type Holder } from './leadership-rules.ts'
import type { Observer } from './observer.ts'
import type { Timings } from './timings.ts'
import type { BeatView, ClusterView, NodeView } from './view.ts'

/** An incarnation that may be dead: it can be linked to and looked at. */
export interface WatchedPeer {
  node: string
  incarnation: string
  url: string
  presenceKey: string
}

/** The other nodes' incarnations that are not over. */
export function peersOf(view: ClusterView, own: string): WatchedPeer[] {
  return view.nodes.flatMap(({ name, url, beats }) => {
    if (!beats || !url || beats.incarnation === own || isOver(beats)) return []
    return [{ node: name, incarnation: beats.incarnation, url, presenceKey: beats.presenceKey }]
  })
}

function isOver({ lost, goodbye }: BeatView): boolean {
  return lost || goodbye
}

/** Incarnations whose beats have been missing for long enough that a look is worth it. */
export function suspectsOf(
  peers: readonly WatchedPeer[],
  observer: Observer,
  heartbeatIntervalMs: number,
): WatchedPeer[] {
  return peers.filter(({ incarnation }) => observer.stillMs(incarnation) > 1.5 * heartbeatIntervalMs)
}

/**
 * Incarnations to be marked for their silence: not as soon as they are offline, but when the first of their attempts may
 * be settled. Until then they can come back and go on with what they run. Those that run nothing get as long as a re-run.
 */
export function silentToMark(
  view: ClusterView,
  own: string,
  observer: Observer,
  timings: Timings,
): (BeatView & { stillMs: number })[] {
  const present = view.nodes.flatMap(({ beats }) => beats ?? [])
  return [...present, ...view.formerBeats]
    .filter((beats) => beats.incarnation !== own && !isOver(beats))
    .map((beats) => ({ ...beats, stillMs: observer.stillMs(beats.incarnation) }))
    .filter(({ stillMs, shortestTaskLeaseMs }) => {
      return stillMs >= Math.max(shortestTaskLeaseMs ?? timings.taskLeaseMs.rerun, timings.leaseDurationMs)
    })
}

/** Whether it is worth standing for the lead, by the view: the same rule as the election's own. */
export function shouldStand(view: ClusterView, own: string, isHolderSilent: boolean): boolean {
  const me = view.nodes.find(({ incarnation }) => incarnation === own)
  if (!me) return false
  const { term, releasedBecause } = view.leadership
  const others = view.nodes.filter((node) => node !== me).map((node) => contenderOf(node, view))
  return (
    causeToLead(contenderOf(me, view), others, { term, holder: holderOf(view, isHolderSilent), releasedBecause }) !==
    undefined
  )
}

/** A node as a candidate for the lead. */
export function contenderOf(node: NodeView, { leadership, readAt }: ClusterView): Contender {
  const { abstaining, abstainingUntil } = leadership
  return {
    node: node.name,
    isLive: !node.isOffline,
    isDraining: node.drain !== undefined,
    taskCap: node.taskCap,
    canClaim: node.canClaim,
    isAbstaining: abstaining === node.name && abstainingUntil !== undefined && abstainingUntil > readAt,
  }
}

/** The holder as the view has it; undefined when nobody holds the lead. */
export function holderOf({ leadership, nodes }: ClusterView, isSilent: boolean): Holder | undefined {
  const { holder } = leadership
  if (!holder) return undefined
  const node = nodes.find(({ incarnation }) => incarnation === holder.incarnation)
  return {
    node: holder.node,
    isGone: node?.beats === undefined,
    lost: node?.beats?.lost ?? false,
    goodbye: node?.beats?.goodbye ?? false,
    isSilent,
    isDraining: node?.drain !== undefined,
    taskCap: node?.taskCap ?? 0,
  }
}

/** What of a view is worth telling: all but the beats, the fitness and the counts. */
export function digestOf({ leadership, nodes, pause }: ClusterView): string {
  const { term, leader } = leadership
  const rows = nodes.map(({ name, incarnation, status, taskCap, canClaim, drain, url, version }) => {
    return [name, incarnation, status, taskCap, canClaim, drain, url, version]
  })
  return JSON.stringify([term, leader, pause, rows])
}
