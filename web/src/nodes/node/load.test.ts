import { expect, test } from 'vitest'
import type { LoadMinute, NodeLoad } from '../../api/wire.ts'
import { drawLoad, levelsUpTo, loadSentence, loadSum } from './load.ts'

const minute = (at: number, Running: number, Started = 0, Finished = 0, Failed = 0): LoadMinute => ({
  At: new Date(at * 60_000).toISOString(),
  Running,
  Started,
  Finished,
  Failed,
})

const load = (Minutes: LoadMinute[], MaxConcurrentTasks = 5): NodeLoad => ({
  NodeId: 'OctopusServerNodes-node-a',
  MaxConcurrentTasks,
  Minutes,
})

const SIZE = { width: 632, height: 152 }

test('the sum is the highest level and the totals', () => {
  expect(loadSum([minute(0, 2, 2, 1, 1), minute(1, 3, 2, 3), minute(2, 0)])).toEqual({
    peak: 3,
    started: 4,
    finished: 4,
    failed: 1,
  })
  expect(loadSum([])).toEqual({ peak: 0, started: 0, finished: 0, failed: 0 })
})

test('the sentence says what the chart shows', () => {
  expect(loadSentence(load([minute(0, 0), minute(1, 0)]))).toBe('Nothing ran in the last 2 minutes.')
  expect(loadSentence(load([minute(0, 3, 3, 2, 1)]))).toBe(
    'In the last 1 minutes at most 3 ran at the same time, with a task cap of 5 now. 3 started and 2 ended, of which 1 failed.',
  )
})

test('bars stand on the bottom, side by side, and reach the top at the highest level', () => {
  const { bars, plot, capY, slotWidth } = drawLoad(load([minute(0, 0), minute(1, 5), minute(2, 1, 0, 1, 1)]), SIZE)
  expect(slotWidth).toBe(200)
  expect(bars.map((bar) => bar.centre)).toEqual([128, 328, 528])
  expect(bars.map((bar) => bar.y + bar.height)).toEqual([plot.bottom, plot.bottom, plot.bottom])
  expect(bars[0]?.height).toBe(0)
  expect(bars[1]?.y).toBe(plot.top)
  expect(capY).toBe(plot.top)
  expect(bars.map((bar) => bar.hasFailed)).toEqual([false, false, true])
})

test('more than the cap is drawn above its line, and a cap of 0 lies on the bottom', () => {
  const over = drawLoad(load([minute(0, 8)], 4), SIZE)
  expect(over.bars[0]?.y).toBe(over.plot.top)
  expect(over.capY).toBe((over.plot.top + over.plot.bottom) / 2)
  const none = drawLoad(load([minute(0, 0)], 0), SIZE)
  expect(none.capY).toBe(none.plot.bottom)
})

test('nothing is drawn outside or inside out, however narrow it is', () => {
  const { bars, plot } = drawLoad(load([minute(0, 1), minute(1, 1)]), { width: 0, height: 0 })
  expect(plot.right).toBeGreaterThan(plot.left)
  expect(plot.bottom).toBeGreaterThan(plot.top)
  for (const bar of bars) expect(Math.min(bar.width, bar.height)).toBeGreaterThan(0)
})

test('times stand at both ends and evenly between', () => {
  const minutes = Array.from({ length: 61 }, (_, at) => minute(at, 1))
  const { times } = drawLoad(load(minutes), SIZE)
  expect(times.map(({ at, anchor }) => [Date.parse(at) / 60_000, anchor])).toEqual([
    [0, 'start'],
    [15, 'middle'],
    [30, 'middle'],
    [45, 'middle'],
    [60, 'end'],
  ])
  expect(drawLoad(load(minutes), { width: 200, height: 150 }).times).toHaveLength(3)
  expect(drawLoad(load([]), SIZE).times).toEqual([])
})

test.each([
  [1, [0, 1]],
  [4, [0, 1, 2, 3, 4]],
  [5, [0, 2, 4]],
  [7, [0, 2, 4, 6]],
  [9, [0, 5]],
  [100, [0, 50, 100]],
  [1000, [0, 500, 1000]],
])('levels up to %i are few and round', (highest, levels) => {
  expect(levelsUpTo(highest)).toEqual(levels)
})
