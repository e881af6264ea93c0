import { expect, test } from 'vitest'
import { durationInWords } from './duration-words.ts'

test.each([
  [0, 'less than 1 second'],
  [999, 'less than 1 second'],
  [1000, '1 second'],
  [32_400, '32 seconds'],
  [60_000, '1 minute'],
  [7_200_000, '2 hours'],
  [90_000_000, '1 day'],
])('%i ms are %s', (ms, words) => expect(durationInWords(ms)).toBe(words))
