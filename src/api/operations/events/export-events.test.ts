import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestUser, startTestApi, type TestApi } from '../../../../test/support/api-server.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { systemActor } from '../../../identity/actor.ts'
import { recordEvent } from '../../../identity/audit.ts'
import { allOperations } from '../../all-operations.ts'
import { exportEvents, MOST_EXPORTED } from './export-events.ts'

/** More than two batches. */
const MANY = 2500
let database: TestDatabase
let api: TestApi
let key: string

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { operations: allOperations })
  ;({ key } = await createTestUser(database, 'viewer'))
  await recordEvent(database.sql, {
    category: 'Modified',
    message: '=HYPERLINK("http://x") was set, "quoted" and ünï 🐙',
    actor: { userId: 3, username: '@olga', establishedWith: 'session', address: '10.0.0.9', node: 'node-a' },
    related: ['OctopusServerNodes-node-a', 'ServerTasks-1'],
    before: { MaxConcurrentTasks: 5 },
    after: { MaxConcurrentTasks: 2 },
  })
  await database.sql`
    insert into event (category, message, username, related)
    select 'TaskSettled', 'settled ' || n, 'system', array['ServerTasks-' || n] from generate_series(1, ${MANY}::int) n`
  await recordEvent(database.sql, {
    category: 'LeaderElected',
    message: 'node-b leads',
    actor: systemActor('node-b'),
    related: ['OctopusServerNodes-node-b'],
  })
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

async function download(query: string): Promise<{ headers: Headers; bytes: Buffer; lines: string[] }> {
  const response = await fetch(`${api.url}/api/events?asCsv=true${query}`, { headers: { 'x-octopus-apikey': key } })
  const bytes = Buffer.from(await response.arrayBuffer())
  expect(response.status).toBe(200)
  return { headers: response.headers, bytes, lines: bytes.toString('utf8').split('\r\n').slice(1, -1) }
}

test('events come as a file of CSV in UTF-8, in which no cell is a formula', async () => {
  const { headers, bytes } = await download('&eventCategories=Modified')
  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
  expect(headers.get('content-disposition')).toMatch(/^attachment; filename="tako-events-\d{8}T\d{6}Z\.csv"$/)
  expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]))
  const [heading, event, ...rest] = bytes.subarray(3).toString('utf8').split('\r\n')
  expect(heading).toBe(
    '"Id","Occurred","Category","CategoryName","Username","UserId","IdentityEstablishedWith","IpAddress","UserAgent",' +
      '"NodeName","Message","RelatedDocumentIds","Before","After"',
  )
  expect(event?.replace(/"\d{4}-[^"]*\+00:00"/, 'DATE')).toBe(
    `"Events-1",DATE,"Modified","Modified","'@olga","Users-3","session","10.0.0.9","","node-a",` +
      `"'=HYPERLINK(""http://x"") was set, ""quoted"" and ünï 🐙","OctopusServerNodes-node-a ServerTasks-1",` +
      `"{""MaxConcurrentTasks"":5}","{""MaxConcurrentTasks"":2}"`,
  )
  expect(rest).toEqual([''])
})

test('it holds all that the filters leave, over many batches, newest first and each once', async () => {
  const ids = (lines: string[]) => lines.map((line) => Number(/^"Events-(\d+)"/.exec(line)?.[1]))
  const all = await download('')
  expect(ids(all.lines)).toEqual(Array.from({ length: MANY + 2 }, (_, at) => MANY + 2 - at))
  const settled = await download('&eventGroups=Tasks&excludeDifference=true')
  expect(ids(settled.lines)).toEqual(Array.from({ length: MANY }, (_, at) => MANY + 1 - at))
  expect(settled.lines[0]).toMatch(/"settled 2500","ServerTasks-2500"$/)
  expect(ids((await download('&skip=1&take=2')).lines)).toEqual([MANY + 1, MANY])
  expect(ids((await download('&toAutoId=3')).lines)).toEqual([3, 2, 1])
  expect((await download('&take=0')).lines).toEqual([])
  expect((await download('&users=nobody')).lines).toEqual([])
})

test('what is recorded while it runs is not in it, and pushes nothing out', async () => {
  const wish = { skip: 0, take: MOST_EXPORTED, withDifferences: false }
  let text = ''
  for await (const part of await exportEvents(database.sql, {}, wish)) {
    text += part
    await recordEvent(database.sql, { category: 'QueuePaused', message: 'p', actor: systemActor(), related: [] })
  }
  const lines = text.split('\r\n').slice(1, -1)
  expect(lines.length).toBe(MANY + 2)
  expect(new Set(lines).size).toBe(MANY + 2)
})

test('a filter that is none is refused in JSON, and without the right there is no file', async () => {
  for (const query of ['eventCategories=Exploded', 'take=-1', 'asCsv=perhaps']) {
    const answer = await api.call('GET', `/api/events?asCsv=true&${query}`, { key })
    expect([answer.status, answer.body.Errors.length]).toEqual([400, 1])
    expect(answer.headers.get('content-disposition')).toBeNull()
  }
  expect((await api.call('GET', '/api/events?asCsv=true')).status).toBe(401)
})
