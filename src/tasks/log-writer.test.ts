import { randomUUID } from 'node:crypto'
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { until } from '../../test/support/until.ts'
import { connect, type Sql } from '../database/connect.ts'
import { startHints } from '../database/hints.ts'
import { migrate } from '../database/migrate.ts'
import { systemClock } from '../lib/clock.ts'
import { LeaseLostError } from '../lib/errors.ts'
import { silentLog } from '../lib/log.ts'
import { must, only } from '../lib/must.ts'
import type { TaskOutput } from './kind.ts'
import type { LogEntry } from './log-chunk.ts'
import { readLog } from './log-reader.ts'
import { readLogSize } from './log-rows.ts'
import { HINT_INTERVAL_MS } from './log-store.ts'
import { appendSystemLine, createTaskOutput, FULL_CHARACTERS, type TaskOutputDeps } from './log-writer.ts'

let database: TestDatabase
const closers: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  database = await createTestDatabase()
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
afterAll(() => database.drop())

/** A task as a claim leaves it, with the log of its running attempt. */
async function startAttempt(more: { attempt?: number; sql?: Sql; deps?: Partial<TaskOutputDeps> } = {}) {
  const { attempt = 1, sql = database.sql, deps = {} } = more
  const incarnation = randomUUID()
  const rows = await database.sql<{ id: number }[]>`
    insert into task (kind, state, attempt, incarnation, node, expiry_ms, expires_at, when_lost, task_lease_ms)
    values ('AdHocScript', 'Executing', ${attempt}, ${incarnation}, 'node-a', 1000, clock_timestamp(), 'fail', 20000)
    returning id`
  const taskId = only(rows).id
  const ended = new AbortController()
  const refusals: LeaseLostError[] = []
  const output = createTaskOutput(
    { sql, clock: systemClock, log: silentLog, ...deps },
    { taskId, attempt, incarnation, ended: ended.signal, onRefused: (error) => refusals.push(error) },
  )
  return { taskId, incarnation, output, ended, refusals }
}

async function readAll(taskId: number): Promise<LogEntry[]> {
  const entries: LogEntry[] = []
  for (;;) {
    const page = await readLog(database.sql, taskId, { from: entries.length, take: 10_000 })
    entries.push(...page.entries)
    if (entries.length >= page.total) return entries
  }
}

const textsOf = async (taskId: number) => (await readAll(taskId)).map(({ text }) => text)

/** Writes numbered lines as bytes, waiting whenever the writer is full. */
async function pour(output: TaskOutput, count: number, width = 50): Promise<void> {
  for (let at = 0; at < count; at += 1000) {
    const lines = Array.from({ length: Math.min(1000, count - at) }, (_, i) => `line ${at + i} `.padEnd(width, '.'))
    output.bytes('output', Buffer.from(`${lines.join('\n')}\n`))
    if (output.isFull()) await output.drained()
  }
}

test('lines arrive in order with their stream, attempt and time, streams interleaved', async () => {
  let now = 1_700_000_000_000
  const { taskId, output } = await startAttempt({ deps: { now: () => (now += 7) } })
  output.line('tako', 'begins')
  output.bytes('output', Buffer.from('one\ntwo, '))
  output.bytes('error', Buffer.from('oh\n'))
  output.bytes('output', Buffer.from('still two\nthree'))
  await output.end()
  const entries = await readAll(taskId)
  expect(entries.map(({ stream, text }) => `${stream}: ${text}`)).toEqual([
    'tako: begins',
    'output: one',
    'error: oh',
    'output: two, still two',
    'output: three',
  ])
  expect(entries.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4])
  expect(entries.map(({ at }) => at)).toEqual([1, 2, 3, 4, 5].map((step) => 1_700_000_000_000 + 7 * step))
  expect(new Set(entries.map(({ attempt }) => attempt))).toEqual(new Set([1]))
})

test('a task that says nothing costs no statement', async () => {
  const { output, taskId } = await startAttempt({
    sql: connect('postgres://127.0.0.1:1/none', { purpose: 'test', owner: 'none', max: 1 }),
  })
  await output.end()
  expect(output.isFull()).toBe(false)
  await output.drained()
  expect(await readLogSize(database.sql, taskId)).toEqual({ bytes: 0, lines: 0 })
})

test('output is readable while the attempt runs', async () => {
  const { taskId, output } = await startAttempt()
  output.line('output', 'first')
  await until('the first line', async () => (await textsOf(taskId)).length === 1)
  output.line('output', 'second')
  await until('the second line', async () => (await textsOf(taskId)).length === 2)
  await output.end()
})

test('a text of several lines becomes several entries, without what PostgreSQL refuses', async () => {
  const { taskId, output } = await startAttempt()
  output.line('tako', 'a\u0000b\nc\ud800d')
  await output.end()
  expect(await textsOf(taskId)).toEqual(['a\uFFFDb', 'c\uFFFDd'])
})

test('the numbers of a later attempt go on behind those of the earlier ones', async () => {
  const first = await startAttempt()
  first.output.line('output', 'of attempt 1')
  first.output.line('output', 'also')
  await first.output.end()
  const incarnation = randomUUID()
  await database.sql`update task set attempt = 2, incarnation = ${incarnation} where id = ${first.taskId}`
  const second = createTaskOutput(
    { sql: database.sql, clock: systemClock, log: silentLog },
    { taskId: first.taskId, attempt: 2, incarnation, ended: new AbortController().signal },
  )
  second.line('output', 'of attempt 2')
  await second.end()
  const entries = await readAll(first.taskId)
  expect(entries.map(({ number, attempt, text }) => [number, attempt, text])).toEqual([
    [0, 1, 'of attempt 1'],
    [1, 1, 'also'],
    [2, 2, 'of attempt 2'],
  ])
})

test.each([
  ['has ended', (sql: Sql, id: number) => sql`update task set state = 'Canceled' where id = ${id}`],
  [
    'was given to another incarnation',
    (sql: Sql, id: number) => sql`update task set incarnation = ${randomUUID()} where id = ${id}`,
  ],
  ['has a later attempt', (sql: Sql, id: number) => sql`update task set attempt = 2 where id = ${id}`],
  ['is gone', (sql: Sql, id: number) => sql`delete from task where id = ${id}`],
])('nothing is added to a task that %s: the output is lost and says so', async (_, change) => {
  const { taskId, output, refusals } = await startAttempt()
  output.line('output', 'in time')
  await until('the line', async () => (await textsOf(taskId)).length === 1)
  await change(database.sql, taskId)
  output.line('output', 'too late')
  await until('the refusal', () => refusals.length === 1)
  await pour(output, 200_000)
  expect(output.isFull()).toBe(false)
  await output.drained()
  await expect(output.end()).rejects.toThrow(LeaseLostError)
  await expect(output.end()).rejects.toThrow('refused')
  expect(refusals).toHaveLength(1)
  expect((await textsOf(taskId)).filter((text) => text !== 'in time')).toEqual([])
})

test('a chunk waits for an end that is being written, and is refused when that is committed', async () => {
  const { taskId, output, refusals } = await startAttempt()
  const session = await database.sql.reserve()
  await session`begin`
  await session`update task set state = 'Success' where id = ${taskId}`
  output.line('output', 'written in the same moment')
  await until('the chunk to wait', async () => {
    const waiting = await database.sql`
      select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query ilike '%into task_log%'`
    return waiting.length > 0
  })
  await session`commit`
  session.release()
  await until('the refusal', () => refusals.length === 1)
  expect(await textsOf(taskId)).toEqual([])
  await expect(output.end()).rejects.toThrow(LeaseLostError)
})

test('a cancelling attempt may still write', async () => {
  const { taskId, output } = await startAttempt()
  await database.sql`update task set state = 'Cancelling' where id = ${taskId}`
  output.line('output', 'cleaning up')
  await output.end()
  expect(await textsOf(taskId)).toEqual(['cleaning up'])
})

test('a database that takes nothing fills a bounded buffer, and loses nothing when it is back', {
  timeout: 60_000,
}, async () => {
  const { taskId, output } = await startAttempt()
  const release = await lockLogs()
  let poured = false
  const pouring = pour(output, 150_000).then(() => {
    poured = true
  })
  await until('the writer to be full', () => output.isFull())
  await systemClock.sleep(3500)
  expect(poured).toBe(false)
  await release()
  await pouring
  await output.end()
  const texts = await textsOf(taskId)
  expect(texts).toHaveLength(150_000)
  expect(texts.every((text, i) => text.startsWith(`line ${i} `))).toBe(true)
})

test('a source that does not pause loses lines in the end, and the log says how many', {
  timeout: 60_000,
}, async () => {
  const { taskId, output } = await startAttempt()
  const release = await lockLogs()
  const line = 'x'.repeat(60_000)
  for (let i = 0; i < 400; i += 1) output.line('output', `${i} ${line}`)
  await release()
  await until('everything to be written', async () => (await readLogSize(database.sql, taskId)).lines > 250)
  await output.end()
  const texts = await textsOf(taskId)
  const kept = texts.length - 1
  expect(kept * 60_000).toBeLessThan(4.2 * FULL_CHARACTERS)
  expect(texts.at(-1)).toContain(`${400 - kept} lines of output are missing here`)
  expect(texts.slice(0, kept).every((text, i) => text.startsWith(`${i} `))).toBe(true)
})

test('a chunk whose answer was lost is in the log once', async () => {
  const proxy = await startProxy(database.url)
  const sql = connect(proxy.url, { purpose: 'test', owner: 'proxy', max: 1 })
  closers.push(() => sql.end({ timeout: 0 }))
  const { taskId, output } = await startAttempt({ sql })
  output.line('output', 'before')
  await until('the first line', async () => (await textsOf(taskId)).length === 1)
  proxy.swallowAnswers()
  output.line('output', 'its answer is lost')
  await until('the second line', async () => (await textsOf(taskId)).length === 2)
  proxy.reset()
  output.line('output', 'after')
  await output.end()
  expect(await textsOf(taskId)).toEqual(['before', 'its answer is lost', 'after'])
})

test('the end of the incarnation ends the waiting for a database that is away', async () => {
  const proxy = await startProxy(database.url)
  const sql = connect(proxy.url, { purpose: 'test', owner: 'proxy', max: 1 })
  closers.push(() => sql.end({ timeout: 0 }))
  const { output, ended, refusals } = await startAttempt({ sql })
  proxy.swallowAnswers()
  output.line('output', 'never heard of')
  const end = output.end()
  const outcome = end.then(
    () => 'written',
    (error: Error) => error.name,
  )
  await systemClock.sleep(300)
  ended.abort()
  expect(await outcome).toBe('LeaseLostError')
  expect(refusals).toHaveLength(1)
})

test('lines of others and the lines of the attempt never push one another out', async () => {
  const { taskId, output } = await startAttempt()
  const others = Array.from({ length: 20 }, async (_, i) => {
    await systemClock.sleep(i * 5)
    await appendSystemLine(database.sql, taskId, `note ${i}`)
  })
  await pour(output, 60_000)
  await Promise.all(others)
  await output.end()
  const entries = await readAll(taskId)
  expect(entries.map(({ number }) => number)).toEqual(entries.map((_, i) => i))
  const notes = entries.filter(({ stream }) => stream === 'tako').map(({ text }) => text)
  expect(notes.sort()).toEqual(Array.from({ length: 20 }, (_, i) => `note ${i}`).sort())
  const lines = entries.filter(({ stream }) => stream === 'output').map(({ text }) => text)
  expect(lines).toHaveLength(60_000)
  expect(lines.every((text, i) => text.startsWith(`line ${i} `))).toBe(true)
})

test('a line of Tako is added after the end, and for a task that is gone nothing happens', async () => {
  const { taskId, output } = await startAttempt({ attempt: 3 })
  await database.sql`update task set state = 'Failed' where id = ${taskId}`
  await output.end()
  await Promise.all(
    ['settled by node-b\nsince node-a was lost', 'a late write was refused'].map((text) =>
      appendSystemLine(database.sql, taskId, text),
    ),
  )
  const entries = await readAll(taskId)
  expect(entries.map(({ text }) => text).sort()).toEqual([
    'a late write was refused',
    'settled by node-b',
    'since node-a was lost',
  ])
  expect(entries.map(({ attempt }) => attempt)).toEqual([3, 3, 3])
  await database.sql`delete from task where id = ${taskId}`
  await appendSystemLine(database.sql, taskId, 'nobody hears this')
  expect(await readAll(taskId)).toEqual([])
})

test('a log has a largest size: then one line says that it was cut off, and the script is not held up', async () => {
  const { taskId, output } = await startAttempt({ deps: { maxLogBytes: 1024 * 1024 } })
  await pour(output, 100_000)
  output.line('tako', 'the script exited')
  await output.end()
  const entries = await readAll(taskId)
  expect(entries.filter(({ stream }) => stream === 'tako').map(({ text }) => text)).toEqual([
    "The output is cut off here: a task's log may hold 1 MiB. The script goes on.",
    'the script exited',
  ])
  expect((await readLogSize(database.sql, taskId)).bytes).toBeLessThan(1.3 * 1024 * 1024)
})

test('hints come at most every 200 ms, and after the last write', async () => {
  const listener = connect(database.url, { purpose: 'test', owner: 'hints', max: 1 })
  closers.push(() => listener.end({ timeout: 0 }))
  const hints = await startHints(listener)
  closers.push(() => hints.stop())
  const { taskId, output } = await startAttempt()
  const shown: Promise<number>[] = []
  hints.on(({ topic, detail }) => {
    if (topic === 'log' && detail === String(taskId))
      shown.push(readLogSize(database.sql, taskId).then(({ lines }) => lines))
  })
  const began = Date.now()
  while (shown.length < 5) {
    await pour(output, 10_000)
    await systemClock.sleep(1)
  }
  // More than one chunk was written for each hint, so not each chunk brought one
  const chunks = await database.sql`select 1 from task_log where task_id = ${taskId}`
  expect(chunks.length).toBeGreaterThan(shown.length)
  expect(shown.length).toBeLessThanOrEqual((Date.now() - began) / HINT_INTERVAL_MS + 1)
  const written = await until('all to be written', async () => {
    const { lines } = await readLogSize(database.sql, taskId)
    await systemClock.sleep(2 * HINT_INTERVAL_MS)
    return (await readLogSize(database.sql, taskId)).lines === lines ? lines : undefined
  })
  expect(await must(shown.at(-1))).toBe(written)
  await output.end()
})

test('what the encoding of the database cannot hold is replaced by a note, and the log goes on', async () => {
  const server = must(process.env.TAKO_TEST_POSTGRES)
  const name = `tako_latin_${randomUUID().replaceAll('-', '')}`
  const admin = connect(server, { purpose: 'test', owner: 'latin', max: 1 })
  closers.push(() => admin.end({ timeout: 1 }))
  // The provider has to be named since version 15, and could not be before
  const [{ version }] = await admin<[{ version: number }]>`select current_setting('server_version_num')::int as version`
  const provider = version >= 150_000 ? admin`locale_provider libc` : admin``
  await admin`create database ${admin(name)} template template0 encoding 'LATIN1' ${provider} lc_collate 'C' lc_ctype 'C'`
  closers.push(() => admin`drop database ${admin(name)} with (force)`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const latin = {
    url: url.href,
    sql: connect(url.href, { purpose: 'test', owner: 'latin', max: 3 }),
    drop: async () => {},
  }
  closers.push(() => latin.sql.end({ timeout: 0 }))
  await migrate(latin.sql)
  const utf8 = database
  database = latin
  try {
    const { taskId, output } = await startAttempt()
    output.line('output', 'ä fits')
    await until('the first line', async () => (await textsOf(taskId)).length === 1)
    output.line('output', '€ does not')
    await until('the note', async () => (await textsOf(taskId)).length === 2)
    output.line('output', 'and on')
    await output.end()
    expect(await textsOf(taskId)).toEqual([
      'ä fits',
      "1 lines of output are missing here: the database's encoding cannot hold them.",
      'and on',
    ])
  } finally {
    database = utf8
  }
})

/** Keeps everybody else from writing to logs, as a database in trouble does; the writers' lock_timeout runs out meanwhile. */
async function lockLogs(): Promise<() => Promise<void>> {
  const sql = connect(database.url, {
    purpose: 'test',
    owner: 'lock',
    max: 1,
    settings: { idle_in_transaction_session_timeout: 0 },
  })
  const session = await sql.reserve()
  await session`begin`
  await session`lock table task_log in share mode`
  return async () => {
    await session`rollback`
    session.release()
    await sql.end({ timeout: 1 })
  }
}

/** Stands between a client and the server: can swallow what the server says, and reset every connection. */
async function startProxy(target: string) {
  const { hostname, port } = new URL(target)
  const pairs = new Set<Socket>()
  let swallows = false
  const server = createServer((client) => {
    const upstream = connectTcp(Number(port), hostname)
    client.pipe(upstream)
    upstream.on('data', (data) => swallows || client.write(data))
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      pairs.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        pairs.delete(one)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const reset = () => {
    swallows = false
    for (const socket of pairs) socket.destroy()
  }
  closers.push(async () => {
    reset()
    await new Promise((resolve) => server.close(resolve))
  })
  const url = new URL(target)
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: url.href,
    swallowAnswers: () => {
      swallows = true
    },
    reset,
  }
}
