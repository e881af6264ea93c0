import { expect, test } from 'vitest'
import { nextSort, sortedBy, sortOfText, sortText } from './sort.ts'

test('a column sorts upwards first, then downwards', () => {
  const first = nextSort(undefined, 'name')
  expect(first).toEqual({ by: 'name', direction: 'ascending' })
  expect(nextSort(first, 'name').direction).toBe('descending')
  expect(nextSort(first, 'cap')).toEqual({ by: 'cap', direction: 'ascending' })
})

test('numbers in names count as numbers, and what has no key comes last either way', () => {
  const rows = [{ name: 'node-10' }, { name: null }, { name: 'node-9' }]
  const keys = { name: (row: { name: string | null }) => row.name }
  const names = (text: string) => sortedBy(rows, sortOfText(text), keys).map((row) => row.name)
  expect(names('name')).toEqual(['node-9', 'node-10', null])
  expect(names('-name')).toEqual(['node-10', 'node-9', null])
  expect(names('nonsense')).toEqual(['node-10', null, 'node-9'])
})

test('a sort survives the URL', () => {
  for (const text of ['name', '-cap'])
    expect(sortText(sortOfText(text) ?? { by: '', direction: 'ascending' })).toBe(text)
})
