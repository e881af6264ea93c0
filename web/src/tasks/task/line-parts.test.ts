import { expect, test } from 'vitest'
import { lineParts } from './line-parts.ts'

const marked = (text: string, find: string) =>
  lineParts(text, find)
    .parts.map((part) => (part.isMatch ? `[${part.text}]` : part.text))
    .join('')

test('what is looked for is marked in either letter case, wherever colours change', () => {
  expect(marked('Error: an error (ERROR)', 'error')).toBe('[Error]: an [error] ([ERROR])')
  expect(marked('a.b a+b', 'a+b')).toBe('a.b [a+b]')
  expect(marked('nothing', '')).toBe('nothing')
  expect(lineParts('\u001b[31mcon\u001b[32mnect', 'onn').parts).toEqual([
    { text: 'c', colour: 'red' },
    { text: 'on', colour: 'red', isMatch: true },
    { text: 'n', colour: 'green', isMatch: true },
    { text: 'ect', colour: 'green' },
  ])
})

test('a progress bar shows its last state', () => {
  expect(marked('10%\r50%\r100%', '')).toBe('100%')
  expect(marked('100%\r', '')).toBe('100%')
})

test('of a very long line 2000 characters are drawn, around the first that is looked for', () => {
  const long = `${'x'.repeat(5000)}needle${'y'.repeat(5000)}`
  expect(lineParts(long, '')).toMatchObject({ hiddenBefore: 0, hiddenAfter: 8006 })
  const found = lineParts(long, 'NEEDLE')
  expect(found).toMatchObject({ hiddenBefore: 4800, hiddenAfter: 10_006 - 6800 })
  expect(found.parts.map(({ text }) => text.length)).toEqual([200, 6, 1794])
})
