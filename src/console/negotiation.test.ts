import { expect, test } from 'vitest'
import { acceptsGzip, isKnown, wantsPage } from './negotiation.ts'

test.each([
  ['gzip, deflate, br', true],
  ['GZIP', true],
  ['br;q=1.0, gzip;q=0.1', true],
  ['*', true],
  ['gzip;q=0', false],
  ['gzip; q=0.0, *', false],
  ['gzip;q=much', false],
  ['br', false],
  ['', false],
  [undefined, false],
])('Accept-Encoding %j allows gzip: %j', (header, expected) => {
  expect(acceptsGzip(header)).toBe(expected)
})

test.each([
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
  ['*/*', false],
  ['application/json', false],
  ['text/html;q=0', false],
  [undefined, false],
])('Accept %j asks for a page: %j', (header, expected) => {
  expect(wantsPage(header)).toBe(expected)
})

test.each([
  ['"a"', true],
  ['W/"a"', true],
  ['"b", "a"', true],
  ['*', true],
  ['"b"', false],
  ['a', false],
  [undefined, false],
])('If-None-Match %j knows "a": %j', (header, expected) => {
  expect(isKnown(header, '"a"')).toBe(expected)
})
