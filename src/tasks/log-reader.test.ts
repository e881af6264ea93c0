import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { systemClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { only } from '../lib/must.ts'
import { MAX_PIECE } from './line-cutter.ts'
import { readLog, streamRawLog } from './log-reader.ts'
import { readLogSize } from './log-rows.ts'
import { createTaskOutput } from './log-writer.ts'

let database: TestDatabase
/** A log of 200,000 short lines in many chunks. */
let longLog: number
const LINES = 200_000

beforeAll(async () => {
  database = await createTestDatabase()
  longLog = await writeLog(async (output) => {
    for (let at = 0; at < LINES; at += 1000) {
      output.bytes('output', Buffer.from(Array.from({ length: 1000 }, (_, i) => `line ${at + i}\n`).join('')))
      if (output.isFull()) await output.drained()
    }
  })
})
afterAll(() => database.drop())

async function writeLog(write: (output: ReturnType<typeof createTaskOutput>) => Promise<void> | void): Promise<number> {
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

async function readRaw(taskId: number): Promise<string> {
  let text = ''
  for await (const part of streamRawLog(database.sql, taskId)) text += part
  return text
}

test.each([
  [{ from: 0, take: 3 }, 0, ['line 0', 'line 1', 'line 2']],
  [{ from: 123_456, take: 2 }, 123_456, ['line 123456', 'line 123457']],
  [{ tail: 2 }, LINES - 2, [`line ${LINES - 2}`, `line ${LINES - 1}`]],
  [{ tail: 10, take: 1 }, LINES - 10, [`line ${LINES - 10}`]],
  [{ from: LINES - 1 }, LINES - 1, [`line ${LINES - 1}`]],
  [{ from: LINES }, LINES, []],
  [{ from: LINES + 7 }, LINES + 7, []],
  [{ from: 5, take: 0 }, 5, []],
])('reads the range %j of a long log', async (range, from, texts) => {
  const page = await readLog(database.sql, longLog, range)
  expect(page).toMatchObject({ from, next: from + texts.length, total: LINES })
  expect(page.entries.map(({ text }) => text)).toEqual(texts)
  expect(page.entries.map(({ number }) => number)).toEqual(texts.map((_, i) => from + i))
})

test('every place of a chunk can be where a page begins', async () => {
  const bounds = await database.sql<{ first: number; count: number }[]>`
    select first_line as first, line_count as count from task_log where task_id = ${longLog} order by first_line`
  expect(bounds.length).toBeGreaterThan(5)
  for (const { first, count } of bounds.slice(0, 4)) {
    for (const from of [first, first + 1, first + count - 1]) {
      const { entries } = await readLog(database.sql, longLog, { from, take: 2 })
      expect(entries.map(({ text }) => text)).toEqual([`line ${from}`, `line ${from + 1}`])
    }
  }
})

test('pages of the greatest size follow one another without a gap', async () => {
  let from = 0
  while (from < LINES) {
    const { entries, next } = await readLog(database.sql, longLog, { from, take: 1_000_000 })
    expect(entries).toHaveLength(10_000)
    expect(entries[0]?.text).toBe(`line ${from}`)
    expect(entries.at(-1)?.text).toBe(`line ${next - 1}`)
    from = next
  }
})

test('a place in a long log is found by the index, and few chunks are read', async () => {
  const plan = await database.sql.unsafe<{ 'QUERY PLAN': string }[]>(
    `explain (analyze, buffers off, costs off, timing off, summary off)
     select first_line, line_count, attempt, content from task_log
     where task_id = $1 and first_line < $2 and first_line >= coalesce(
       (select first_line from task_log where task_id = $1 and first_line <= $3 order by first_line desc limit 1), 0)
     order by first_line limit 4`,
    [longLog, LINES, 100_000],
  )
  const text = plan.map((row) => row['QUERY PLAN']).join('\n')
  expect(text).toMatch(/Index( Only)? Scan Backward using task_log_pkey/)
  expect(text).not.toContain('Seq Scan')
  expect(text).not.toContain('Sort')
})

test('a page of long lines ends early and says where to go on', async () => {
  const line = 'x'.repeat(MAX_PIECE)
  const taskId = await writeLog(async (output) => {
    for (let i = 0; i < 300; i += 1) {
      output.line('output', line)
      if (output.isFull()) await output.drained()
    }
  })
  const page = await readLog(database.sql, taskId, { take: 10_000 })
  expect(page.total).toBe(300)
  expect(page.next).toBe(page.entries.length)
  expect(page.next).toBe(128)
  expect((await readLog(database.sql, taskId, { from: page.next })).from).toBe(128)
})

test('the raw log is the output as it was, long lines joined', async () => {
  const long = 'ä😀x'.repeat(700_000)
  const taskId = await writeLog(async (output) => {
    output.bytes('output', Buffer.from(`first\n${long}\n\nlast, without its end`))
    await output.drained()
  })
  expect((await readRaw(taskId)) === `first\n${long}\n\nlast, without its end\n`).toBe(true)
  expect((await readLog(database.sql, taskId)).entries.some(({ continued }) => continued)).toBe(true)
})

test('where a line of another stream came between two pieces, the raw log gives each its own line', async () => {
  const taskId = await writeLog((output) => {
    output.bytes('output', Buffer.from('o'.repeat(MAX_PIECE + 1)))
    output.bytes('error', Buffer.from('oh\n'))
    output.bytes('output', Buffer.from('ut\n'))
  })
  expect(await readRaw(taskId)).toBe(`${'o'.repeat(MAX_PIECE)}\noh\nout\n`)
})

test('the raw log is handed on in parts', async () => {
  let parts = 0
  let lines = 0
  for await (const part of streamRawLog(database.sql, longLog)) {
    parts += 1
    lines += part.split('\n').length - 1
    expect(part.length).toBeLessThan(600_000)
  }
  expect(lines).toBe(LINES)
  expect(parts).toBeGreaterThan(5)
})

test('the size of a log counts bytes and entries; a task without a log has none', async () => {
  const taskId = await writeLog((output) => output.line('output', 'äöü'))
  const { bytes, lines } = await readLogSize(database.sql, taskId)
  expect(lines).toBe(1)
  expect(bytes).toBeGreaterThanOrEqual(Buffer.byteLength('äöü\n'))
  expect(await readLogSize(database.sql, 0)).toEqual({ bytes: 0, lines: 0 })
  expect(await readLog(database.sql, 0, { tail: 5 })).toEqual({ from: 0, next: 0, total: 0, entries: [] })
  expect(await readRaw(0)).toBe('')
})
