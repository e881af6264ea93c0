import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineCutter, MAX_PIECE } from './line-cutter.ts'

interface Piece {
  text: string
  continued: boolean
}

function cut(chunks: readonly Uint8Array[]): Piece[] {
  const pieces: Piece[] = []
  const cutter = new LineCutter((text, continued) => pieces.push({ text, continued }))
  for (const chunk of chunks) cutter.push(chunk)
  cutter.end()
  return pieces
}

const lines = (...texts: (string | Uint8Array)[]) => cut(texts.map((text) => Buffer.from(text))).map(({ text }) => text)

test('cuts at LF and at CR LF, however the bytes arrive', () => {
  expect(lines('one\ntw', 'o\r', '\nthree', '\n', '\n')).toEqual(['one', 'two', 'three', ''])
})

test('a last line without its end is a line; an end without a line after it is not', () => {
  expect(lines('one\ntwo')).toEqual(['one', 'two'])
  expect(lines('one\n')).toEqual(['one'])
  expect(lines('')).toEqual([])
})

test('a CR inside a line stays, so that progress bars look in a terminal as they did', () => {
  expect(lines(' 10%\r 20%\r 30%\ndone\r')).toEqual([' 10%\r 20%\r 30%', 'done\r'])
})

test('invalid UTF-8 and U+0000 become U+FFFD; a character split between two chunks does not', () => {
  const euro = Buffer.from('€')
  expect(lines(euro.subarray(0, 1), euro.subarray(1), Buffer.from([10, 0xff, 0x61, 0, 10]))).toEqual([
    '€',
    '\uFFFDa\uFFFD',
  ])
  expect(lines(Buffer.from([0x61, 0xe2, 0x82]))).toEqual(['a\uFFFD'])
})

test('a line of 10 MB comes in continued pieces that put together are the line', () => {
  const line = 'äbc€'.repeat(2.5 * 1024 * 1024)
  const bytes = Buffer.from(`${line}\r\nnext\n`)
  const chunks = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, i) =>
    bytes.subarray(i * 65_536, (i + 1) * 65_536),
  )
  const pieces = cut(chunks)
  expect(pieces.at(-1)).toEqual({ text: 'next', continued: false })
  expect(pieces.at(-2)?.continued).toBe(false)
  expect(pieces.slice(0, -2).every(({ continued }) => continued)).toBe(true)
  expect(Math.max(...pieces.map(({ text }) => text.length))).toBeLessThanOrEqual(MAX_PIECE)
  expect(
    pieces
      .slice(0, -1)
      .map(({ text }) => text)
      .join('') === line,
  ).toBe(true)
})

test('a pair of surrogates and a CR LF are never cut in two', () => {
  expect(cut([Buffer.from(`${'a'.repeat(MAX_PIECE - 1)}😀\n`)])).toEqual([
    { text: 'a'.repeat(MAX_PIECE - 1), continued: true },
    { text: '😀', continued: false },
  ])
  const split = cut([Buffer.from(`${'a'.repeat(MAX_PIECE - 1)}\r`), Buffer.from('\nb\n')])
  expect(split.map(({ text }) => text).join('|')).toBe(`${'a'.repeat(MAX_PIECE - 1)}|b`)
  const exact = cut([Buffer.from(`${'a'.repeat(MAX_PIECE)}\r`), Buffer.from('\n')])
  expect(exact.map(({ text }) => text).join('')).toBe('a'.repeat(MAX_PIECE))
})

test('property: the way the bytes are split never changes the lines', () => {
  const bytes = fc.array(
    fc.oneof(fc.constantFrom(10, 13, 0, 0xc3, 0xa4, 0xf0, 0x9f, 0x98, 0x80), fc.integer({ min: 0, max: 255 })),
  )
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(20)), (all, lengths) => {
      const whole = Uint8Array.from(all)
      const chunks: Uint8Array[] = []
      let at = 0
      for (const length of lengths) {
        chunks.push(whole.subarray(at, at + length))
        at += length
      }
      chunks.push(whole.subarray(at))
      expect(cut(chunks)).toEqual(cut([whole]))
    }),
  )
})

test('property: the lines of valid text are what lies between its line ends', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const expected = text.replaceAll('\0', '\uFFFD').split('\n')
      const last = expected.pop()
      const complete = expected.map((line) => line.replace(/\r$/, ''))
      expect(lines(text)).toEqual(last ? [...complete, last] : complete)
    }),
  )
})
