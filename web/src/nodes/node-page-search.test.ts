import { expect, test } from 'vitest'
import { readNodePageSearch } from './node-page-search.ts'

test.each([
  [{}, {}],
  [
    { minutes: '180', load: 'table', lost: 'week', entries: '62' },
    { minutes: 180, load: 'table', lost: 'week', entries: 62 },
  ],
  [
    { minutes: 15, entries: 5000 },
    { minutes: 15, entries: 1000 },
  ],
  [{ minutes: '60', lost: 'day' }, {}],
  [{ minutes: '7', load: 'pie', lost: 'ever', entries: '-1' }, {}],
])('%j means %j', (raw, search) => {
  expect(readNodePageSearch(raw)).toEqual(search)
})
