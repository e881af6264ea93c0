import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { only } from '../lib/must.ts'
import type { TaskOutput } from './kind.ts'
import { searchablePart, searchLog } from './log-search.ts'
import { createTaskOutput } from './log-writer.ts'

const LINES = 1_000_000
let database: TestDatabase
let longLog: number

beforeAll(async () => {
  database = await createTestDatabase()
  longLog = await writeLog(async (output) => {
    for (let at = 0; at < LINES; at += 1000) {
      output.bytes('output', Buffer.from(Array.from({ length: 1000 }, (_, i) => `${lineText(at + i)}\n`).join('')))
      if (output.isFull()) await output.drained()
    }
  })
}, 120_000)
afterAll(() => database.drop())

function lineText(number: number): string {
  return `worker ${number % 97} did step ${number} of the rollout${number % 250_000 === 7 ? ' with ÄRGER' : ''}`
}

async function writeLog(write: (output: TaskOutput) => Promise<void> | void): Promise<number> {
  const incarnation = randomUUID()
  const rows = await database.sql<{ id: number }[]>`
    insert into task (kind, state, attempt, incarnation, node, expiry_ms, expires_at, when_lost, task_lease_ms)
    values ('AdHocScript', 'Executing', 1, ${incarnation}, 'node-a', 1000, clock_timestamp(), 'fail', 20000)
    returning id`
  const taskId = only(rows).id
  const owner = { taskId, attempt: 1, incarnation, ended: new AbortController().signal }
  const output = createTaskOutput({ sql: database.sql, clock: systemClock, log: silentLog }, owner)
  await write(output)
  await output.end()
  return taskId
}

const search = (text: string, more: { taskId?: number; from?: number; take?: number; clock?: Clock } = {}) =>
  searchLog(
    database.sql,
    more.taskId ?? longLog,
    { text, from: more.from ?? 0, take: more.take ?? 100 },
    more.clock ?? patient,
  )

/** A clock on which no time passes: a search is never given up. */
const patient: Clock = { ...systemClock, monotonicMs: () => 0 }

test.each([
  ['STEP 654321 of', [654_321]],
  ['step 99999', [99_999, 999_990, 999_991, 999_992, 999_993, 999_994, 999_995, 999_996, 999_997, 999_998, 999_999]],
  ['ärger', [7, 250_007, 500_007, 750_007]],
  ['with ä', [7, 250_007, 500_007, 750_007]],
  ['step .5', []],
  ['nothing like it', []],
])('%s is found in a million lines, in either case, and read literally', async (text, numbers) => {
  const found = await search(text)
  expect(found.entries.map(({ number }) => number)).toEqual(numbers)
  expect(found.entries.map((entry) => entry.text)).toEqual(numbers.map(lineText))
  expect(found).toMatchObject({ from: 0, next: LINES, total: LINES })
})

test('a text that is all over comes page by page, and each line once', async () => {
  const numbers: number[] = []
  for (let from = 123; numbers.length < 2500; ) {
    const page = await search('worker 5 ', { from, take: 400 })
    expect(page.from).toBe(from)
    expect(page.next).toBe(1 + (page.entries.at(-1)?.number ?? 0))
    numbers.push(...page.entries.map(({ number }) => number))
    from = page.next
  }
  expect(numbers).toEqual(numbers.map((_, at) => 199 + 97 * at))
})

test('a search that takes too long says how far it came, and goes on from there', async () => {
  let now = 0
  const hurried: Clock = { ...systemClock, monotonicMs: () => (now += 1000) }
  const stops: number[] = []
  let found: number[] = []
  for (let from = 0; from < LINES; ) {
    const part = await search('step 654321 of', { from, clock: hurried })
    stops.push(part.next)
    found = [...found, ...part.entries.map(({ number }) => number)]
    from = part.next
  }
  expect(stops.length).toBeGreaterThan(3)
  expect(stops).toEqual([...stops].sort((a, b) => a - b))
  expect(found).toEqual([654_321])
})

test('beyond the end, and in a log that is empty or not there, there is nothing', async () => {
  const empty = await writeLog(() => {})
  expect(await search('x', { from: LINES + 5 })).toEqual({
    from: LINES + 5,
    next: LINES + 5,
    total: LINES,
    entries: [],
  })
  expect(await search('x', { taskId: empty })).toEqual({ from: 0, next: 0, total: 0, entries: [] })
  expect(await search('x', { taskId: 999_999 })).toMatchObject({ total: 0, entries: [] })
})

test('whatever text and lines are made of, the same is found as by looking at every line', async () => {
  const letter = fc.constantFrom(...'aAkKsSiIzZ .*\\%_ßäÄÖöσςΣıİſ日🐙ⓐⒶ1\tǅ\u212a\u0301')
  const line = fc.string({ unit: letter, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 30 }),
      fc.string({ unit: letter, minLength: 1, maxLength: 4 }),
      async (lines, text) => {
        const taskId = await writeLog((output) => {
          for (const one of lines) output.line('output', one)
        })
        const pattern = new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'i')
        const numbers = lines.flatMap((one, number) => (pattern.test(one) ? number : []))
        expect((await search(text, { taskId })).entries.map(({ number }) => number)).toEqual(numbers)
      },
    ),
    { numRuns: 150 },
  )
})

test('the database looks for the longest part in which letter case means the same to it', () => {
  expect(searchablePart('Step 5')).toBe('Step 5')
  expect(searchablePart('über die Brücke')).toBe('ber die Br')
  expect(searchablePart('日本 ok')).toBe('日本 ok')
  expect(searchablePart('ÄÖ')).toBe('')
})
