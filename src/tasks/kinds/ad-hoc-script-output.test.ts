import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { createScriptPlace, type ScriptPlace } from '../../../test/support/scripts.ts'
import { SECOND, systemClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { only } from '../../lib/must.ts'
import type { LogStream, Outcome } from '../kind.ts'
import { readLog, streamRawLog } from '../log-reader.ts'
import { createTaskOutput } from '../log-writer.ts'
import { createAdHocScriptKind } from './ad-hoc-script.ts'

let database: TestDatabase
let place: ScriptPlace

beforeAll(async () => {
  database = await createTestDatabase()
})
beforeEach(() => {
  place = createScriptPlace()
})
afterEach(() => place.clear())
afterAll(() => database.drop())

/** Runs a script as the executor does: from the script's process to the rows of its log. */
async function run(ScriptBody: string): Promise<{ taskId: number; outcome: Outcome }> {
  const { incarnation } = place
  const rows = await database.sql<{ id: number }[]>`
    insert into task (kind, state, attempt, incarnation, node, expiry_ms, expires_at, when_lost, task_lease_ms)
    values ('AdHocScript', 'Executing', 1, ${incarnation}, 'node-a', 1000, clock_timestamp(), 'fail', 20000)
    returning id`
  const attempt = { taskId: only(rows).id, attempt: 1, incarnation }
  const deps = { sql: database.sql, clock: systemClock, log: silentLog }
  const output = createTaskOutput(deps, { ...attempt, ended: new AbortController().signal })
  const kind = createAdHocScriptKind({
    leaseFile: () => place.leaseFile,
    taskLeaseMs: 300 * SECOND,
    cancelGraceMs: 500,
    workFolder: place.workFolder,
  })
  const outcome = await kind.run({
    ...attempt,
    ...deps,
    node: 'node-a',
    arguments: kind.parse({ ScriptBody }),
    timeLimitMs: undefined,
    signal: new AbortController().signal,
    startBeforeMs: systemClock.monotonicMs() + 5 * SECOND,
    output,
  })
  await output.end()
  return { taskId: attempt.taskId, outcome }
}

async function readRaw(taskId: number): Promise<string> {
  const parts: string[] = []
  for await (const part of streamRawLog(database.sql, taskId)) parts.push(part)
  return parts.join('')
}

test('300,000 lines at full speed: none lost, none out of order, and no growing memory', async () => {
  const before = process.memoryUsage().rss
  let most = before
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss)
  }, 20)
  const { taskId, outcome } = await run('seq -f "line %.0f of a script that talks a lot" 1 300000').finally(() =>
    clearInterval(watch),
  )
  expect(outcome).toMatchObject({ state: 'Success' })
  const { total, entries } = await readLog(database.sql, taskId, { tail: 1 })
  expect(total).toBe(300_000)
  expect(entries[0]?.text).toBe('line 300000 of a script that talks a lot')
  const expected = Array.from({ length: 300_000 }, (_, i) => `line ${i + 1} of a script that talks a lot\n`).join('')
  expect((await readRaw(taskId)) === expected).toBe(true)
  // The text alone has 13 MB, and three times that as strings and buffers that nothing were to let go of
  expect(most - before).toBeLessThan(150 * 1024 * 1024)
})

test('a line of 10 MB arrives whole', async () => {
  const { taskId } = await run('head -c 10000000 /dev/zero | tr "\\0" x; echo; echo after')
  const raw = await readRaw(taskId)
  expect(raw.length).toBe(10_000_000 + 1 + 'after\n'.length)
  expect(/^x+\nafter\n$/.test(raw)).toBe(true)
})

test('bytes that are no text are survived', async () => {
  const { taskId, outcome } = await run("printf 'a\\xff\\xfeb\\0c\\n'; head -c 100000 /dev/urandom; echo; echo after")
  expect(outcome).toMatchObject({ state: 'Success' })
  const raw = await readRaw(taskId)
  expect(raw.startsWith('a\uFFFD\uFFFDb\uFFFDc\n')).toBe(true)
  expect(raw.endsWith('\nafter\n')).toBe(true)
})

test('output and errors are kept apart, each in its order', async () => {
  const { taskId, outcome } = await run('for i in $(seq 1 500); do echo "out $i"; echo "err $i" >&2; done')
  expect(outcome).toEqual({ state: 'Success', exitCode: 0, hasWarnings: true })
  const { entries } = await readLog(database.sql, taskId)
  const of = (stream: LogStream) => entries.filter((entry) => entry.stream === stream).map(({ text }) => text)
  expect(of('output')).toEqual(Array.from({ length: 500 }, (_, i) => `out ${i + 1}`))
  expect(of('error')).toEqual(Array.from({ length: 500 }, (_, i) => `err ${i + 1}`))
  expect(entries.map(({ number }) => number)).toEqual(entries.map((_, i) => i))
})
