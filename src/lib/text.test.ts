import { expect, test } from 'vitest'
import { cleanText, hasControlCharacters } from './text.ts'

test('what PostgreSQL refuses is replaced, everything else is kept', () => {
  expect(cleanText('a\u0000b')).toBe('a\uFFFDb')
  expect(cleanText('a\uD800b')).toBe('a\uFFFDb')
  expect(cleanText('tako 🐙 ünï')).toBe('tako 🐙 ünï')
})

test('control characters are found', () => {
  expect(hasControlCharacters('line\nbreak')).toBe(true)
  expect(hasControlCharacters('esc \u001b[31m')).toBe(true)
  expect(hasControlCharacters('plain – text')).toBe(false)
})
