import { expect, test } from 'vitest'
import { textWidth, truncate, wrap } from './text-width.ts'

test.each([
  ['', 0],
  ['node-a', 6],
  ['é', 1],
  ['e\u0301', 1],
  ['漢字', 4],
  ['한글', 4],
  ['ﾊﾝｶｸ', 4],
  ['👩‍👩‍👧', 2],
  ['❤️', 2],
  ['→', 1],
])('%j takes %i cells', (text, width) => {
  expect(textWidth(text)).toBe(width)
})

test('what is cut ends in an ellipsis and never in half a character', () => {
  expect(truncate('node-a', 6)).toBe('node-a')
  expect(truncate('node-alpha', 6)).toBe('node-…')
  expect(truncate('漢字漢字', 5)).toBe('漢字…')
  expect(truncate('漢字漢字', 4)).toBe('漢…')
})

test('text wraps at spaces; a word that is too long stands alone', () => {
  expect(wrap('a bb ccc dddddddddd e', 6)).toEqual(['a bb', 'ccc', 'dddddddddd', 'e'])
})
