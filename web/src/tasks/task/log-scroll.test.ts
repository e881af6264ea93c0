import { expect, test } from 'vitest'
import { logSpace, scrollOfTop, shownLines, topFor, topOfKey, topOfScroll } from './log-scroll.ts'

const VIEWPORT = 610

test('a log that fits its scroll bar lies in it pixel by pixel', () => {
  const space = logSpace(1000, VIEWPORT)
  expect(space).toMatchObject({ height: 20_000, maxTop: 19_390, isScaled: false })
  expect(topOfScroll(space, 137)).toBe(137)
  expect(scrollOfTop(space, 137)).toBe(137)
  expect(shownLines(space, 137)).toEqual({ first: 6, last: 37 })
  expect(shownLines(space, space.maxTop)).toEqual({ first: 969, last: 999 })
})

test.each([1_000_000, 50_000_000])('the scroll bar reaches both ends and every part of %i lines', (total) => {
  const space = logSpace(total, VIEWPORT)
  expect(space.isScaled).toBe(true)
  expect(space.height).toBeLessThan(17_000_000)
  expect(topOfScroll(space, 0)).toBe(0)
  expect(topOfScroll(space, space.height - VIEWPORT)).toBe(space.maxTop)
  expect(shownLines(space, space.maxTop).last).toBe(total - 1)
  for (const top of [0, 12_345, total * 10, space.maxTop]) {
    expect(topOfScroll(space, scrollOfTop(space, top))).toBeCloseTo(top, 3)
  }
})

test('a log shorter than its box does not scroll', () => {
  const space = logSpace(3, VIEWPORT)
  expect(space.maxTop).toBe(0)
  expect(shownLines(space, 0)).toEqual({ first: 0, last: 2 })
  expect(shownLines(logSpace(0, VIEWPORT), 0).last).toBe(-1)
})

test('a line is brought to the middle unless it is well to be seen', () => {
  const space = logSpace(1000, VIEWPORT)
  expect(topFor(space, 500, 0)).toBe(10_000 - 295)
  expect(topFor(space, 500, 9800)).toBe(9800)
  expect(topFor(space, 0, 9800)).toBe(0)
  expect(topFor(space, 999, 0)).toBe(space.maxTop)
})

test('keys scroll by a line, a screen less one line, or to the ends', () => {
  const space = logSpace(1000, VIEWPORT)
  expect(topOfKey(space, 100, 'ArrowDown')).toBe(120)
  expect(topOfKey(space, 100, 'PageDown')).toBe(680)
  expect(topOfKey(space, 100, 'PageUp')).toBe(0)
  expect(topOfKey(space, 100, 'End')).toBe(space.maxTop)
  expect(topOfKey(space, 100, 'Home')).toBe(0)
  expect(topOfKey(space, 100, 'a')).toBeUndefined()
})
