import { expect, test } from 'vitest'
import { painter } from './colour.ts'
import { type Column, propertyLines, tableLines } from './table.ts'
import { textWidth } from './text-width.ts'

const plain = painter(false)
const columns: Column[] = [
  { title: 'NAME', shrinkTo: 5 },
  { title: 'N', align: 'right' },
  { title: 'NOTE', shrinkTo: 6 },
]

test('columns are as wide as their widest cell, numbers stand right', () => {
  const rows = [
    ['node-a', 3, 'fine'],
    ['b', 12, null],
  ]
  expect(tableLines(columns, rows, { width: undefined, paint: plain })).toEqual([
    'NAME     N  NOTE',
    'node-a   3  fine',
    'b       12',
  ])
})

test('a column that is empty in every row is left out', () => {
  expect(
    tableLines(
      columns,
      [
        ['a', 1, ''],
        ['b', 2, undefined],
      ],
      { width: undefined, paint: plain },
    ),
  ).toEqual(['NAME  N', 'a     1', 'b     2'])
})

test('a table wider than the terminal takes the room from its widest columns and shows that something was cut', () => {
  const rows = [
    ['node-a', 3, 'a very long note that goes on and on'],
    ['a-node-with-a-long-name', 12, 'short'],
  ]
  const lines = tableLines(columns, rows, { width: 40, paint: plain })
  expect(lines.map(textWidth).every((width) => width <= 40)).toBe(true)
  expect(lines[1]).toContain('…')
  expect(lines[2]).toContain(' 12  short')
})

test('a file has no width: nothing is cut', () => {
  const note = 'x'.repeat(300)
  expect(tableLines(columns, [['a', 1, note]], { width: undefined, paint: plain })[1]).toContain(note)
})

test('wide characters and combining marks take the cells that a terminal gives them', () => {
  const rows = [
    ['ノード', 1, 'x'],
    ['re\u0301sume\u0301', 2, 'y'],
    ['🐙', 3, 'z'],
  ]
  expect(tableLines(columns, rows, { width: undefined, paint: plain })).toEqual([
    'NAME    N  NOTE',
    'ノード  1  x',
    're\u0301sume\u0301  2  y',
    '🐙      3  z',
  ])
})

test('colour goes round the text and not round the padding, and changes no width', () => {
  const rows = [[{ text: 'a', colour: 'green' as const }, 1, 'x']]
  const [, line] = tableLines(columns, rows, { width: undefined, paint: painter(true) })
  expect(line).toBe('\u001b[32ma\u001b[0m     1  x')
})

test('control characters in a cell never reach the terminal', () => {
  const [, line] = tableLines(columns, [['a\u001b]0;owned\u0007b', 1, 'two\nlines']], {
    width: undefined,
    paint: plain,
  })
  expect(line).toBe('a ]0;owned b  1  two lines')
})

test('properties stand in two columns, empty ones are left out, long ones wrap under themselves', () => {
  const properties = [
    ['State', 'fine'],
    ['Nothing', ''],
    ['Long', 'one two three four five six seven'],
  ] as const
  expect(propertyLines(properties, { width: 30, paint: plain })).toEqual([
    '  State  fine',
    '  Long   one two three four',
    '         five six seven',
  ])
})

test('a column of sentences wraps under itself instead of being cut', () => {
  const sentences: Column[] = [{ title: 'WHO' }, { title: 'WHAT', shrinkTo: 10, wraps: true }]
  expect(
    tableLines(
      sentences,
      [
        ['admin', 'node-b is being drained'],
        ['x', 'short'],
      ],
      { width: 20, paint: plain },
    ),
  ).toEqual(['WHO    WHAT', 'admin  node-b is', '       being drained', 'x      short'])
})
