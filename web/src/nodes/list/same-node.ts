import type { Node } from '../../api/wire.ts'

// These change with each beat, and only the cells that show them are drawn again then.
const RESTLESS: ReadonlySet<string> = new Set<keyof Node>(['LastSeen', 'Fitness'])

/** True when nothing but what changes with each beat differs: for `memo`, so that a hundred rows can stay as they are. */
export function isSameNode<Props extends { node: Node }>(before: Props, after: Props): boolean {
  const { node: a, ...restBefore } = before
  const { node: b, ...restAfter } = after
  return isAlike(restBefore, restAfter) && (a === b || isAlike(a, b, RESTLESS))
}

/** The parts are compared as they are: the client keeps what is equal from one answer to the next. */
function isAlike(a: object, b: object, without: ReadonlySet<string> = new Set()): boolean {
  const [x, y] = [new Map(Object.entries(a)), new Map(Object.entries(b))]
  return x.size === y.size && [...x].every(([name, value]) => without.has(name) || Object.is(value, y.get(name)))
}
