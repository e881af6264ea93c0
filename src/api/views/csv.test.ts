import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvLine } from './csv.ts'

test.each([
  ['plain', '"plain"'],
  ['', '""'],
  [null, '""'],
  [-3, '"-3"'],
  ['say "hi", now', '"say ""hi"", now"'],
  ['two\nlines', '"two\nlines"'],
  ['=1+1', `"'=1+1"`],
  ['+49 30', `"'+49 30"`],
  ['-2', `"'-2"`],
  ['@SUM(A1)', `"'@SUM(A1)"`],
  ['\t=1', `"'\t=1"`],
  ['\rx', `"'\rx"`],
  [' \u00a0=cmd|x', `"' \u00a0=cmd|x"`],
  ['＝1', `"'＝1"`],
  ['a=1', '"a=1"'],
])('%j is written as %j', (cell, written) => expect(csvLine([cell])).toBe(`${written}\r\n`))

test('whatever the cells hold, they are read again as they were, but for an apostrophe before a formula', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 4 }), (cells) => {
      const line = csvLine(cells)
      expect(line.endsWith('\r\n')).toBe(true)
      const read = [...line.matchAll(/"((?:[^"]|"")*)"(?:,|\r\n)/gs)].map(([, text = '']) => text.replaceAll('""', '"'))
      expect(read.map((text, at) => (text === cells[at] ? text : text.slice(1)))).toEqual(cells)
      for (const text of read) expect(text).not.toMatch(/^\s*[=+\-@]/)
    }),
  )
})
