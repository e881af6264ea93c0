import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiClient } from '../../../../test/support/api-client.ts'
import { createTestUser, type Json, startTestApi, type TestApi } from '../../../../test/support/api-server.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { queueTasks } from '../../../../test/support/task-nodes.ts'
import { systemClock } from '../../../lib/clock.ts'
import { silentLog } from '../../../lib/log.ts'
import { must } from '../../../lib/must.ts'
import { createTaskOutput } from '../../../tasks/log-writer.ts'
import { allOperations } from '../../all-operations.ts'

let database: TestDatabase
let api: TestApi
let client: ApiClient
let task: number

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { operations: allOperations })
  client = new ApiClient(api.url, (await createTestUser(database, 'viewer')).key)
  task = must((await queueTasks(database.sql, 1))[0])
  const incarnation = randomUUID()
  await database.sql`
    update task set state = 'Executing', attempt = 1, node = 'node-a', incarnation = ${incarnation}, started_at = clock_timestamp() where id = ${task}`
  const owner = { taskId: task, attempt: 1, incarnation, ended: new AbortController().signal }
  const output = createTaskOutput({ sql: database.sql, clock: systemClock, log: silentLog }, owner)
  for (let number = 0; number < 50; number += 1) {
    output.line(
      number % 10 === 3 ? 'error' : 'output',
      `${number}: ${number % 10 === 3 ? 'Disk Error (100%)' : 'fine'}`,
    )
  }
  await output.end()
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

const path = () => `/api/tasks/ServerTasks-${task}/log/search`

test('lines that contain a text come with their numbers, page by page, while the task runs and afterwards', async () => {
  const found = await client.get(`${path()}?text=${encodeURIComponent('disk error (100%)')}&take=3`)
  expect(found).toEqual({
    TaskId: `ServerTasks-${task}`,
    From: 0,
    Next: 24,
    TotalLines: 50,
    IsAtEnd: false,
    IsCompleted: false,
    Lines: [3, 13, 23].map((number) => ({
      Number: number,
      Attempt: 1,
      At: expect.stringMatching(/^\d{4}-.*\+00:00$/),
      Stream: 'error',
      Text: `${number}: Disk Error (100%)`,
    })),
  })
  const log = await client.get(`/api/tasks/ServerTasks-${task}/log?from=3&take=1`)
  expect(found.Lines[0]).toEqual(log.Lines[0])
  const rest = await client.get(`${path()}?text=DISK&from=${found.Next}`)
  expect(rest.Lines.map((line: Json) => line.Number)).toEqual([33, 43])
  expect(rest).toMatchObject({ Next: 50, IsAtEnd: true, IsCompleted: false })
  await database.sql`update task set state = 'Success', completed_at = clock_timestamp() where id = ${task}`
  expect(await client.get(`${path()}?text=absent`)).toMatchObject({ IsAtEnd: true, IsCompleted: true, Lines: [] })
})

test.each([
  ['', 400, /text is missing/],
  ['?text=', 400, /text is missing/],
  [`?text=${'x'.repeat(201)}`, 400, /text must have at most 200 characters/],
  ['?text=a%0Ab', 400, /without line breaks/],
  ['?text=a&take=0', 400, /take must be a whole number from 1 to 1000/],
  ['?text=a&from=-1', 400, /from must be a whole number/],
])('a search for %j is refused', async (query, status, sentence) => {
  const answer = await client.request('GET', path() + query)
  expect([answer.status, answer.body.ErrorMessage]).toEqual([status, expect.stringMatching(sentence)])
})

test('a task that is not there is 404', async () => {
  expect((await client.request('GET', '/api/tasks/ServerTasks-999999/log/search?text=a')).status).toBe(404)
})
