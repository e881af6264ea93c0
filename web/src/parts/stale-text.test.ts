import { expect, test } from 'vitest'
import { staleText } from './stale-text.ts'

const live = { downSince: undefined, silentSince: undefined, lastAnswerAt: 5000, now: 20_000 }

test('nothing is said while all is well, and in the first 3 s after it is not', () => {
  expect(staleText(live)).toBeUndefined()
  expect(staleText({ ...live, downSince: 17_001 })).toBeUndefined()
})

test('the age of the data is told whichever way is cut', () => {
  expect(staleText({ ...live, downSince: 16_000 })).toBe('data of 15 s ago')
  expect(staleText({ ...live, silentSince: 16_000 })).toBe('data of 15 s ago')
  expect(staleText({ ...live, silentSince: 16_000, lastAnswerAt: undefined })).toBe('no data yet')
})
