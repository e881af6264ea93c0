import { expect, test } from 'vitest'
import { collection } from './paging.ts'

const numbers = Array.from({ length: 65 }, (_, at) => at)

function page(skip: number, take: number, query?: Record<string, unknown>) {
  return collection({
    itemType: 'Number',
    items: numbers.slice(skip, skip + take),
    total: 65,
    skip,
    take,
    path: '/api/numbers',
    ...(query ? { query } : {}),
  })
}

test('the envelope counts pages from zero', () => {
  expect(page(30, 30)).toMatchObject({
    Id: null,
    ItemType: 'Number',
    TotalResults: 65,
    ItemsPerPage: 30,
    NumberOfPages: 3,
    LastPageNumber: 2,
    IsStale: false,
  })
  expect(page(0, 100)).toMatchObject({ NumberOfPages: 1, LastPageNumber: 0 })
  expect(page(0, 0)).toMatchObject({ Items: [], NumberOfPages: 0, LastPageNumber: 0, TotalResults: 65 })
})

test('Page.Next leads through everything once and then is absent', () => {
  const seen: number[] = []
  for (let link: string | undefined = '/api/numbers?skip=0&take=30'; link !== undefined; ) {
    const query: URLSearchParams = new URL(link, 'http://x').searchParams
    const got = page(Number(query.get('skip')), Number(query.get('take')))
    seen.push(...got.Items)
    link = got.Links['Page.Next']
  }
  expect(seen).toEqual(numbers)
})

test.each([
  [0, 100],
  [64, 1],
  [65, 30],
  [1000, 30],
  [0, 0],
])('there is no next page after skip %d, take %d', (skip, take) =>
  expect(page(skip, take).Links).not.toHaveProperty('Page.Next'),
)

test('links carry the filters, percent-encoded to the last brace', () => {
  const { Links } = page(0, 30, {
    Skip: '0',
    TAKE: '30',
    apikey: 'API-SECRET',
    name: '{a} & b',
    states: ['Queued', 'Failed'],
    empty: '',
  })
  expect(Links['Page.Next']).toBe('/api/numbers?name=%7Ba%7D%20%26%20b&states=Queued&states=Failed&skip=30&take=30')
  for (const [name, link] of Object.entries(Links)) if (name !== 'Template') expect(link).not.toMatch(/[{}]/)
  expect(JSON.stringify(Links)).not.toContain('SECRET')
})

test('every link is a string', () => {
  for (const link of Object.values(page(30, 30).Links)) expect(link).toEqual(expect.stringMatching(/^\/api\/numbers/))
  expect(page(30, 30).Links['Page.Previous']).toBe('/api/numbers?skip=0&take=30')
  expect(page(30, 30).Links['Page.Last']).toBe('/api/numbers?skip=60&take=30')
})
