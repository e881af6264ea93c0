/** A node as a candidate for the lead. */
export interface Contender {
  node: string
  /** Beats, is not marked, and has not said goodbye. */
  isLive: boolean
  isDraining: boolean
  taskCap: number
  canClaim: boolean
  /** Stepped down a moment ago. */
  isAbstaining: boolean
}

/** Who holds the lead, as far as it matters to whether the lead is void. */
export interface Holder {
  node: string
  /** Its registration, or its row of beats, is gone. */
  isGone: boolean
  lost: boolean
  goodbye: boolean
  /** No beat for the lease, counted by the observer and borne out by the database's clock. */
  isSilent: boolean
  isDraining: boolean
  taskCap: number
}

export interface Seat {
  term: number
  holder: Holder | undefined
  /** Why the seat was last given up, when nobody holds it. */
  releasedBecause: string | undefined
}

/** Why a holder leads no more, in words; undefined while it does. */
export function voidBecause(holder: Holder): string | undefined {
  if (holder.isGone) return `the registration of ${holder.node} is gone`
  if (holder.lost) return `${holder.node} died`
  if (holder.goodbye) return `${holder.node} was stopped`
  if (holder.isSilent) return `the lease of ${holder.node} expired`
  if (holder.isDraining) return `${holder.node} was drained`
  return undefined
}

/** How well a node is suited: 0 never, 1 who has just stepped down, 2 who takes no tasks, 3 the others. */
export function suitability(contender: Contender): 0 | 1 | 2 | 3 {
  if (!contender.isLive || contender.isDraining) return 0
  if (contender.isAbstaining) return 1
  return contender.taskCap > 0 && contender.canClaim ? 3 : 2
}

/**
 * Whether a node may take the lead now, and why it changes hands: only a void or vacant one, or one that a node with task
 * cap 0 holds; and only while nobody better suited is there to take it.
 */
export function causeToLead(me: Contender, others: readonly Contender[], seat: Seat): string | undefined {
  const mine = suitability(me)
  if (mine === 0 || others.some((other) => suitability(other) > mine)) return undefined
  if (!seat.holder) return seat.releasedBecause ?? (seat.term === 0 ? 'first node' : 'nobody led')
  const cause = voidBecause(seat.holder)
  if (cause !== undefined) return cause
  return seat.holder.taskCap === 0 && mine === 3 ? `${seat.holder.node} has task cap 0` : undefined
}
