import { expect, test } from 'vitest'
import { readTasksSearch, TASK_STATES } from '../tasks-search.ts'
import { filterOf, isFiltered, keyOf, startOf } from './tasks-filter.ts'

const NOW = Date.parse('2026-03-04T12:34:56.789Z')
const PAGE = { skip: 0, take: 50 }

test('an address without filters asks for the newest page', () => {
  expect(filterOf({}, NOW)).toEqual(PAGE)
  expect(filterOf({ page: 3 }, NOW)).toEqual({ skip: 100, take: 50 })
  expect(filterOf({ states: [...TASK_STATES] }, NOW)).toEqual(PAGE)
})

test('the filters of the address are those of the API', () => {
  expect(filterOf({ states: ['Failed'], node: 'node-b', kind: 'AdHocScript', text: 'back' }, NOW)).toEqual({
    ...PAGE,
    states: ['Failed'],
    node: 'node-b',
    name: ['AdHocScript'],
    description: 'back',
  })
})

test.each([
  ['ServerTasks-12', { ids: ['ServerTasks-12'] }],
  [' #12 ', { ids: ['ServerTasks-12'] }],
  ['12', { description: '12' }],
  ['  ', {}],
])('the text %j', (text, expected) => {
  expect(filterOf({ text }, NOW)).toEqual({ ...PAGE, ...expected })
})

test('a span begins at a whole minute, of the moment that is meant', () => {
  expect(filterOf({ since: '1h' }, NOW)).toEqual({ ...PAGE, fromQueueDate: '2026-03-04T11:34:00.000Z' })
  expect(filterOf({ since: '15m', by: 'completed' }, NOW)).toEqual({
    ...PAGE,
    fromCompletedDate: '2026-03-04T12:19:00.000Z',
  })
  expect(new Date(startOf('today', NOW)).getHours()).toBe(0)
})

test('dates of one’s own', () => {
  const [from, to] = ['2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z']
  expect(filterOf({ by: 'started', from, to }, NOW)).toEqual({ ...PAGE, fromStartDate: from, toStartDate: to })
})

test('what cannot be meant is left out of the address', () => {
  expect(
    readTasksSearch({ states: 'Failed,Exploded', since: '2h', by: 'lost', page: '1', from: 'x', kind: ' ' }),
  ).toEqual({ states: ['Failed'] })
  expect(readTasksSearch({ states: 'TimedOut,Failed', since: 'today', from: '2026-01-01', page: '7' })).toEqual({
    states: ['Failed', 'TimedOut'],
    since: 'today',
    page: 7,
  })
})

test('the page and the moment alone are no filter; the order of the address does not matter', () => {
  expect(isFiltered({ page: 2, by: 'completed' })).toBe(false)
  expect(isFiltered({ text: 'x' })).toBe(true)
  expect(keyOf({ node: 'a', kind: 'b' })).toBe(keyOf({ kind: 'b', node: 'a' }))
})
