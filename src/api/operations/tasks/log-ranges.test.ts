import { expect, test } from 'vitest'
import { parseRanges, wantedRanges } from './log-ranges.ts'

test('ranges are read with both ends, and refused when they are none', () => {
  expect(parseRanges(['0-99', '200-200'])).toEqual([
    { from: 0, to: 100 },
    { from: 200, to: 201 },
  ])
  for (const bad of ['9-1', '-1-5', '1', 'a-b', '1-2-3', '']) expect(parseRanges(['0-1', bad])).toBeUndefined()
})

test('what is wanted is clipped to what there is, in order and joined', () => {
  const whole = { from: 10, to: 20 }
  expect(wantedRanges(whole, { ranges: undefined, tail: 3 })).toEqual([{ from: 17, to: 20 }])
  expect(wantedRanges(whole, { ranges: undefined, tail: 99 })).toEqual([whole])
  expect(wantedRanges(whole, { ranges: undefined, tail: 0 })).toEqual([])
  const ranges = [
    { from: 18, to: 30 },
    { from: 0, to: 12 },
    { from: 11, to: 13 },
    { from: 40, to: 50 },
  ]
  expect(wantedRanges(whole, { ranges, tail: 1 })).toEqual([
    { from: 10, to: 13 },
    { from: 18, to: 20 },
  ])
})
