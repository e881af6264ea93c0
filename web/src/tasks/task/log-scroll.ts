/** The height of every line, in pixels; the style sheet has the same. */
export const LINE_HEIGHT = 20
/** Browsers draw no element higher than some 17 million pixels (Firefox); longer logs scroll in proportion. */
const HIGHEST = 15_000_000

/** How the lines of a log lie in a box that scrolls. All in pixels. */
export interface LogSpace {
  /** Of the box. */
  viewport: number
  /** Of all lines. */
  full: number
  /** Of the element that makes the box scroll. */
  height: number
  /** The farthest that the first shown pixel can be from the first line. */
  maxTop: number
  /** The scroll bar's way is shorter than that of the lines. */
  isScaled: boolean
}

export function logSpace(total: number, viewport: number): LogSpace {
  const full = total * LINE_HEIGHT
  const height = Math.min(full, HIGHEST)
  return { viewport, full, height, maxTop: Math.max(0, full - viewport), isScaled: full > height }
}

/** Which pixel of the lines is at the top when the box has scrolled so far. */
export function topOfScroll({ height, viewport, maxTop, isScaled }: LogSpace, scrollTop: number): number {
  const way = height - viewport
  return isScaled && way > 0 ? clamp((scrollTop / way) * maxTop, maxTop) : clamp(scrollTop, maxTop)
}

/** How far the box has to scroll for that. */
export function scrollOfTop({ height, viewport, maxTop, isScaled }: LogSpace, top: number): number {
  const way = Math.max(0, height - viewport)
  return isScaled && maxTop > 0 ? (clamp(top, maxTop) / maxTop) * way : clamp(top, maxTop)
}

/** The lines that are to be seen, both ends included, also in part; `last` is below `first` without any. */
export function shownLines({ viewport, full }: LogSpace, top: number): { first: number; last: number } {
  const total = full / LINE_HEIGHT
  const first = Math.floor(top / LINE_HEIGHT)
  return { first, last: Math.min(total, Math.ceil((top + viewport) / LINE_HEIGHT)) - 1 }
}

/** Where the top has to be so that a line stands in the middle, or stays where it is when it is well to be seen. */
export function topFor(space: LogSpace, index: number, top: number): number {
  const at = index * LINE_HEIGHT
  const margin = Math.min(3 * LINE_HEIGHT, space.viewport / 4)
  if (at >= top + margin && at + LINE_HEIGHT <= top + space.viewport - margin) return top
  return clamp(at - (space.viewport - LINE_HEIGHT) / 2, space.maxTop)
}

/** Where a key leads; undefined for one that does not scroll up or down. */
export function topOfKey(space: LogSpace, top: number, key: string): number | undefined {
  const page = Math.max(LINE_HEIGHT, Math.floor(space.viewport / LINE_HEIGHT - 1) * LINE_HEIGHT)
  const steps: Record<string, number> = { ArrowUp: -LINE_HEIGHT, ArrowDown: LINE_HEIGHT, PageUp: -page, PageDown: page }
  if (key === 'Home') return 0
  if (key === 'End') return space.maxTop
  const step = steps[key]
  return step === undefined ? undefined : clamp(top + step, space.maxTop)
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value))
}
