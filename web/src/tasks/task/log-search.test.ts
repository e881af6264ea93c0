import { expect, test } from 'vitest'
import { nextFound, searchText } from './log-search.ts'

test('the lines found are gone through around both ends', () => {
  expect(nextFound(0, undefined, 1)).toBeUndefined()
  expect(nextFound(3, undefined, 1)).toBe(0)
  expect(nextFound(3, undefined, -1)).toBe(2)
  expect(nextFound(3, 2, 1)).toBe(0)
  expect(nextFound(3, 0, -1)).toBe(2)
})

test.each([
  [{ found: [], isSearching: true }, undefined, 'Searching'],
  [{ found: [], isSearching: false }, undefined, 'No line'],
  [{ found: [7], isSearching: false }, undefined, '1 line'],
  [{ found: [7, 9], isSearching: true }, 0, '1 of 2 so far'],
  [{ found: [7, 9], isSearching: false }, 1, '2 of 2'],
  [{ found: [7, 9], isSearching: false, isFull: true }, 1, '2 of 2+'],
])('%j at %j reads %j', (state, current, text) => {
  expect(searchText({ isFull: false, failure: undefined, ...state }, current)).toBe(text)
})
