/** A node's state in one word; the facts behind it stay visible beside it. */
export type NodeStatus = 'Offline' | 'Starting' | 'Draining' | 'Drained' | 'Online'

/** What a node's state is made of. */
export interface NodeFacts {
  /** Its present incarnation has a row of beats. */
  hasBeatRow: boolean
  /** Its present incarnation was stopped in order. */
  goodbye: boolean
  /** Its present incarnation bears the mark. */
  lost: boolean
  /** No beat for the lease. */
  silent: boolean
  /** It has beaten with what it knows of itself: whether it can claim, and its fitness. */
  hasVitals: boolean
  drain: boolean
  /** Attempts of the node that have not ended, those of earlier incarnations included. */
  running: number
}

/** True when nobody may count on the node: no beat for the lease, goodbye, or the mark. */
export function isOffline(facts: NodeFacts): boolean {
  return !facts.hasBeatRow || facts.goodbye || facts.lost || facts.silent
}

/** The gravest of what is true: offline, then starting, then draining or drained, then online. */
export function nodeStatus(facts: NodeFacts): NodeStatus {
  if (isOffline(facts)) return 'Offline'
  if (!facts.hasVitals) return 'Starting'
  if (facts.drain) return facts.running > 0 ? 'Draining' : 'Drained'
  return 'Online'
}

/** Why a node is offline, as a sentence; undefined when it is not. The mark outranks the rest: it is for ever. */
export function offlineCause(facts: NodeFacts, lostCause: string | undefined): string | undefined {
  if (!facts.hasBeatRow) return 'Its registration is gone from the database.'
  if (facts.lost) return lostCause ?? 'It is marked lost.'
  if (facts.goodbye) return 'It was stopped in order.'
  if (facts.silent) return 'It sends no heartbeat: its process, its machine or its way to the database has failed.'
  return undefined
}
