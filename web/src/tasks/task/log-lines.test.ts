import { expect, test } from 'vitest'
import type { LogLine } from '../../api/wire.ts'
import { LogLines, PAGE_LINES } from './log-lines.ts'

function lines(from: number, count: number, text = 'text'): LogLine[] {
  return Array.from({ length: count }, (_, place) => ({
    Number: from + place,
    Attempt: 1,
    At: '2026-01-01T00:00:00.000+00:00',
    Stream: 'output',
    Text: text,
  }))
}

test('lines are found by their number, and what is missing is named', () => {
  const held = new LogLines()
  held.put(lines(PAGE_LINES - 5, 10), { first: 0, last: 10 })
  expect(held.get(PAGE_LINES)?.Number).toBe(PAGE_LINES)
  expect(held.firstMissing(PAGE_LINES - 5, PAGE_LINES + 4)).toBeUndefined()
  expect(held.firstMissing(PAGE_LINES - 5, PAGE_LINES + 9)).toBe(PAGE_LINES + 5)
  expect(held.get(0)).toBeUndefined()
})

test('however much is read, little is kept, and always what is shown', () => {
  const held = new LogLines()
  const shown = { first: 10, last: 60 }
  held.put(lines(0, PAGE_LINES), shown)
  for (let page = 1; page < 200; page += 1) held.put(lines(page * PAGE_LINES, PAGE_LINES), shown)
  expect(held.pageCount).toBeLessThan(30)
  expect(held.firstMissing(10, 60)).toBeUndefined()
  held.put(lines(100 * PAGE_LINES, PAGE_LINES, 'x'.repeat(65_536)), shown)
  expect(held.get(100 * PAGE_LINES)).toBeUndefined()
  expect(held.firstMissing(10, 60)).toBeUndefined()
})
