/** A node's cap and the attempts it holds. */
export interface Load {
  cap: number
  running: number
}

/**
 * How many tasks a node may take now: the share that brings it, rounded up, to the load that all nodes that can claim will
 * have when what is queued has started, so that the first one to look does not take everything. What has waited for long
 * any free slot takes, so that sharing out delays and never refuses. This is the arithmetic of the claim's own statement,
 * stated where it can be reasoned about; a test holds the two together.
 */
export function fairShare(mine: Load, others: readonly Load[], queued: number, impatient: number): number {
  const free = freeSlots(mine)
  if (free === 0) return 0
  const all = [mine, ...others]
  const cap = Math.max(1, sum(all.map((load) => load.cap)))
  const load = sum(all.map(({ running }) => running)) + Math.min(queued, sum(all.map(freeSlots)))
  const share = Math.ceil((mine.cap * load) / cap) - mine.running
  return Math.max(0, Math.min(free, Math.max(share, impatient)))
}

function freeSlots({ cap, running }: Load): number {
  return Math.max(0, cap - running)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
