import { expect, test } from 'vitest'
import { nextKeys } from './shortcut-keys.ts'

const known = ['g n', 'g t', '?', 't']

test.each([
  ['', 'g', 'g', undefined],
  ['g', 'n', '', 'g n'],
  ['g', 't', '', 'g t'],
  ['', 't', '', 't'],
  ['g', '?', '', '?'],
  ['g', 'g', 'g', undefined],
  ['g', 'x', '', undefined],
])('after "%s" the key %s', (before, key, pressed, match) => {
  expect(nextKeys(before, key, known)).toEqual({ pressed, match })
})
