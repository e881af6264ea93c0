import { type KeyboardEvent, type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import {
  LINE_HEIGHT,
  type LogSpace,
  logSpace,
  scrollOfTop,
  shownLines,
  topFor,
  topOfKey,
  topOfScroll,
} from './log-scroll.ts'

/** Lines that are drawn before and after those that are seen. */
const OVERSCAN = 12

export interface LogScroll {
  box: RefObject<HTMLElement | null>
  space: LogSpace
  /** The lines that are seen, both ends included. */
  seen: { first: number; last: number }
  /** The lines that are drawn. */
  drawn: { first: number; last: number }
  /** How far down the element that scrolls the first drawn line stands, in pixels. */
  offset: number
  onScroll: () => void
  onKeyDown: (event: KeyboardEvent) => void
  /** Brings a line into view, and stays there. */
  reveal: (index: number) => void
}

/** Scrolls through any number of lines of one height in a box, of which a screenful is drawn. While it follows, it sticks to the end. */
export function useLogScroll(total: number, isFollowing: boolean, onFollow: (isFollowing: boolean) => void): LogScroll {
  const box = useRef<HTMLElement>(null)
  const [viewport, setViewport] = useState(0)
  const [wanted, setWanted] = useState(0)
  const space = logSpace(total, viewport)
  const top = isFollowing ? space.maxTop : Math.min(wanted, space.maxTop)
  const scrollTop = scrollOfTop(space, top)
  /** Where this hook has scrolled to, or has seen that the user did. */
  const known = useRef(0)
  const latest = useRef({ space, top, onFollow })
  latest.current = { space, top, onFollow }

  useEffect(() => {
    const element = box.current
    if (!element) return
    const measure = () => setViewport(element.clientHeight)
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    measure()
    return () => observer.disconnect()
  }, [])

  useLayoutEffect(() => {
    const element = box.current
    if (!element || viewport === 0) return
    if (Math.abs(element.scrollTop - scrollTop) >= 1) element.scrollTop = scrollTop
    known.current = element.scrollTop
  }, [scrollTop, viewport])

  const moveTo = useCallback((next: number) => {
    const { space: now, onFollow: tell } = latest.current
    latest.current.top = next
    setWanted(next)
    tell(next >= now.maxTop - LINE_HEIGHT / 2)
  }, [])

  // Of a log that is longer than its scroll bar's way the wheel moves lines, not parts of the way.
  useEffect(() => {
    const element = box.current
    if (!element) return
    const onWheel = (event: WheelEvent) => {
      const { space: now, top: before } = latest.current
      if (event.ctrlKey || event.deltaY === 0) return
      if (!now.isScaled) {
        // Said before the browser scrolls, so that a line that comes meanwhile does not take it back to the end.
        if (event.deltaY < 0 && before > 0 && before >= now.maxTop - LINE_HEIGHT / 2) moveTo(before - LINE_HEIGHT)
        return
      }
      event.preventDefault()
      const factor = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_HEIGHT : 1
      moveTo(Math.max(0, Math.min(now.maxTop, before + event.deltaY * factor)))
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => element.removeEventListener('wheel', onWheel)
  }, [moveTo])

  const seen = shownLines(space, top)
  const drawn = { first: Math.max(0, seen.first - OVERSCAN), last: Math.min(total - 1, seen.last + OVERSCAN) }
  return {
    box,
    space,
    seen,
    drawn,
    offset: scrollTop - top + drawn.first * LINE_HEIGHT,
    onScroll() {
      const element = box.current
      if (!element || Math.abs(element.scrollTop - known.current) < 1) return
      known.current = element.scrollTop
      moveTo(topOfScroll(space, element.scrollTop))
    },
    onKeyDown(event) {
      if (event.altKey || event.ctrlKey || event.metaKey || event.target !== event.currentTarget) return
      const next = topOfKey(space, top, event.key)
      if (next === undefined) return
      event.preventDefault()
      moveTo(next)
    },
    reveal(index) {
      const { space: now, top: before } = latest.current
      setWanted(topFor(now, index, before))
      onFollow(false)
    },
  }
}
