import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeChunk, encodeEntry, type LogEntry } from './log-chunk.ts'

function roundTrip(entries: readonly LogEntry[], firstLine: number, attempt: number): LogEntry[] {
  let at = 0
  let content = ''
  for (const entry of entries) {
    content += encodeEntry(entry, at)
    at = entry.at
  }
  return decodeChunk({ firstLine, attempt, content })
}

test('an entry costs two characters beside its text and its time', () => {
  const entry = { at: 1_700_000_000_000, stream: 'output', continued: false, text: 'hello' } as const
  expect(encodeEntry(entry, 0)).toBe(`o${(1_700_000_000_000).toString(36)} hello\n`)
  expect(encodeEntry(entry, entry.at)).toBe('o hello\n')
  expect(encodeEntry({ ...entry, stream: 'error', continued: true, text: '' }, entry.at - 36)).toBe('E10 \n')
})

test('property: what was encoded is decoded, whatever the text and however the clock jumps', () => {
  const entry = fc.record({
    at: fc.integer({ min: 0, max: 2 ** 45 }),
    stream: fc.constantFrom('output', 'error', 'tako'),
    continued: fc.boolean(),
    text: fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ' ')),
  })
  fc.assert(
    fc.property(fc.array(entry), fc.nat(2 ** 40), fc.nat(100), (entries, firstLine, attempt) => {
      const numbered = entries.map((each, index) => ({ ...each, number: firstLine + index, attempt }) as LogEntry)
      expect(roundTrip(numbered, firstLine, attempt)).toEqual(numbered)
    }),
  )
})

test('a content that is no chunk is an error, not an entry', () => {
  for (const content of ['hello\n', 'x hello\n', 'o\n', '\n']) {
    expect(() => decodeChunk({ firstLine: 5, attempt: 1, content })).toThrow('entry 5 of a task log cannot be read')
  }
})
