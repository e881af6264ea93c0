import { expect, test } from 'vitest'
import {
  parseSearch,
  readDate,
  readFlag,
  readList,
  readNumber,
  readOneOf,
  readText,
  stringifySearch,
} from './search-params.ts'

test('a search survives the address', () => {
  const search = { states: ['Queued', 'Failed'], node: 'node a&b', page: 2, line: undefined, all: false, none: [] }
  const text = stringifySearch(search)
  expect(text).toBe('?states=Queued,Failed&node=node+a%26b&page=2')
  expect(parseSearch(text)).toEqual({ states: 'Queued,Failed', node: 'node a&b', page: '2' })
  expect(stringifySearch({})).toBe('')
})

test('names that come twice are one list', () => {
  expect(parseSearch('?states=Queued&states=Failed')).toEqual({ states: 'Queued,Failed' })
})

test('what an address cannot mean is left out', () => {
  expect(readList('Queued,Exploded', ['Queued', 'Failed'])).toEqual(['Queued'])
  expect(readList(['Failed'], ['Queued', 'Failed'])).toEqual(['Failed'])
  expect(readList('Exploded', ['Queued'])).toBeUndefined()
  expect([readNumber('3'), readNumber('-1'), readNumber('1.5'), readNumber(''), readNumber('0', 1)]).toEqual([
    3,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  expect([readFlag('true'), readFlag('1')]).toEqual([true, undefined])
  expect([readOneOf('a', ['a']), readOneOf('b', ['a'])]).toEqual(['a', undefined])
  expect([readText('  '), readText(7), readText('x')]).toEqual([undefined, undefined, 'x'])
  expect([readDate('2026-01-01'), readDate('soon')]).toEqual(['2026-01-01', undefined])
})
