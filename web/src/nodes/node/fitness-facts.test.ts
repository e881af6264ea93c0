import { expect, test } from 'vitest'
import { bytesText } from './bytes-text.ts'
import { clockText, fitnessFacts, millisecondsText } from './fitness-facts.ts'

const FIT = {
  EventLoopLagMs: 2,
  DatabaseRoundTripMs: 0.7,
  ClockDifferenceMs: -3,
  SharedFolderFreeBytes: 5 * 1024 ** 3,
  Warnings: [] as string[],
}

test('each measure stands alone while all is well', () => {
  expect(fitnessFacts(FIT)).toEqual({
    facts: [
      { name: 'Event loop lag', value: '2 ms', warnings: [] },
      { name: 'Database round trip', value: '0.7 ms', warnings: [] },
      { name: 'Clock difference', value: '3 ms behind', warnings: [] },
      { name: 'Shared folder', value: '5.0 GiB free', warnings: [] },
    ],
    others: [],
  })
})

test("each of the server's warnings stands beside its measure, and none is left out", () => {
  const warnings = [
    'This node is overloaded: its event loop made others wait for 1.2s.',
    'The database takes 700ms to answer a heartbeat.',
    "This machine's clock is 3s behind the database's.",
    'Only 12 MiB are free in the shared folder.',
    'The shared folder /shared cannot be used: no such file.',
    'Something else is wrong.',
  ]
  const { facts, others } = fitnessFacts({ ...FIT, SharedFolderFreeBytes: null, Warnings: warnings })
  expect(facts.map((fact) => fact.warnings)).toEqual([
    [warnings[0]],
    [warnings[1]],
    [warnings[2]],
    [warnings[3], warnings[4]],
  ])
  expect(facts[3]?.value).toBe('Does not answer')
  expect(others).toEqual(['Something else is wrong.'])
})

test.each([
  [0, '0 ms'],
  [0.44, '0.4 ms'],
  [12.3, '12 ms'],
  [1250, '1.3 s'],
])('%d ms', (ms, text) => {
  expect(millisecondsText(ms)).toBe(text)
})

test.each([
  [0, 'None'],
  [15, '15 ms ahead'],
  [-2500, '2.5 s behind'],
])('a clock %d ms off', (ms, text) => {
  expect(clockText(ms)).toBe(text)
})

test.each([
  [0, '0 B'],
  [512, '512 B'],
  [1024, '1.0 KiB'],
  [1.5 * 1024 ** 3, '1.5 GiB'],
  [120 * 1024 ** 3, '120 GiB'],
  [3 * 1024 ** 6, '3072 PiB'],
])('%d bytes', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text)
})
