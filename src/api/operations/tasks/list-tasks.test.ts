import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiClient } from '../../../../test/support/api-client.ts'
import { createTestUser, startTestApi, type TestApi } from '../../../../test/support/api-server.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { realKinds } from '../../../../test/support/kinds.ts'
import { allOperations } from '../../all-operations.ts'

let database: TestDatabase
let api: TestApi
let client: ApiClient

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { operations: allOperations, kinds: realKinds() })
  client = new ApiClient(api.url, (await createTestUser(database, 'viewer')).key)
  const rows = [
    { kind: 'AdHocScript', space: 'Spaces-1', state: 'Success', node: 'node-a', day: 1, description: 'Say 100% hello' },
    { kind: 'AdHocScript', space: 'Spaces-1', state: 'Failed', node: 'node-b', day: 2 },
    { kind: 'SystemIntegrityCheck', space: null, state: 'Success', node: 'node-a', day: 3, warned: true },
    { kind: 'AdHocScript', space: 'Spaces-1', state: 'TimedOut', node: null, day: 4 },
    { kind: 'AdHocScript', space: 'Spaces-1', state: 'Executing', node: 'node-a' },
    { kind: 'Retention', space: null, state: 'Cancelling', node: 'node-b' },
    { kind: 'AdHocScript', space: 'Spaces-1', state: 'Queued', node: null },
    { kind: 'AdHocScript', space: 'Spaces-1', state: 'Canceled', node: null, day: 5 },
  ]
  for (const { kind, space, state, node, day, description = '', warned = false } of rows) {
    const at = day === undefined ? null : `2026-01-0${day}T12:00:00Z`
    const started = at ?? (node === null ? null : '2026-01-09T12:00:00Z')
    await database.sql`
      insert into task (kind, space, state, node, description, has_warnings, queue_time, started_at, completed_at, expiry_ms, expires_at, when_lost, task_lease_ms, attempt, incarnation)
      values (${kind}, ${space}, ${state}, ${node}, ${description}, ${warned}, ${at ?? '2026-01-09T12:00:00Z'}, ${started}, ${at}, 86400000,
              clock_timestamp() + interval '1 day', 'fail', 300000, ${node === null ? 0 : 1}, gen_random_uuid())`
  }
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

/** The numbers of the tasks that a list shows. */
async function numbers(path: string): Promise<number[]> {
  const page = await client.get(path)
  expect(page.TotalResults).toBe(page.Items.length)
  return page.Items.map((task: { Id: string }) => Number(task.Id.split('-')[1]))
}

test.each([
  ['', [8, 7, 6, 5, 4, 3, 2, 1]],
  ['ids=ServerTasks-1,servertasks-8,ServerTasks-99,nonsense', [8, 1]],
  ['ids=ServerTasks-1&ids=ServerTasks-2', [2, 1]],
  ['ids=nonsense', []],
  ['name=retention,SYSTEMINTEGRITYCHECK', [6, 3]],
  ['name=deploy,runbookrun', []],
  ['partialName=integr', [3]],
  ['description=100%25%20HELLO', [1]],
  ['description=0_', []],
  ['states=Failed,timedout', [4, 2]],
  ['states=Queued&states=Canceled', [8, 7]],
  ['states=New,Pending', []],
  ['node=OctopusServerNodes-NODE-A', [5, 3, 1]],
  ['node=node-b&running=true', [6]],
  ['node=node-x', []],
  ['running=true', [6, 5]],
  ['running=false', [8, 7, 4, 3, 2, 1]],
  ['active=true', [7, 6, 5]],
  ['active=false', [8, 4, 3, 2, 1]],
  ['active=true&running=false', [7]],
  ['hasWarningsOrErrors=true', [4, 3, 2]],
  ['hasWarningsOrErrors=false', [8, 7, 6, 5, 1]],
  ['hasPendingInterruptions=true', []],
  ['hasPendingInterruptions=false&hasPendingPreconditions=false', [8, 7, 6, 5, 4, 3, 2, 1]],
  ['project=Projects-1', []],
  ['environment=Environments-1', []],
  ['spaces=all', [8, 7, 5, 4, 2, 1]],
  ['spaces=all&includeSystem=true', [8, 7, 6, 5, 4, 3, 2, 1]],
  ['spaces=Spaces-1', [8, 7, 5, 4, 2, 1]],
  ['includeSystem=false', [8, 7, 5, 4, 2, 1]],
  ['fromQueueDate=2026-01-05&toQueueDate=2026-01-08', [8]],
  ['fromStartDate=2026-01-02T12:00:00Z&toStartDate=2026-01-03T12:00:00Z', [3, 2]],
  ['fromCompletedDate=2026-01-04T00:00:00%2B00:00', [8, 4]],
  ['toCompletedDate=2026-01-01T12:00:00.000Z', [1]],
  ['STATES=Success&Take=2147483647&whatever=1', [3, 1]],
])('the list of tasks narrowed by "%s"', async (filter, expected) => {
  expect(await numbers(`/api/tasks?${filter}`)).toEqual(expected)
})

test('below a space only its tasks are seen', async () => {
  expect(await numbers('/api/Spaces-1/tasks')).toEqual([8, 7, 5, 4, 2, 1])
  expect(await numbers('/api/spaces/Spaces-1/tasks?includeSystem=true')).toEqual([8, 7, 5, 4, 2, 1])
  expect((await client.request('GET', '/api/Spaces-2/tasks')).status).toBe(404)
})

test('the list counts tasks by state, whatever states are asked for', async () => {
  const page = await client.get('/api/tasks?states=Queued&take=0')
  expect(page).toMatchObject({ ItemType: 'Task', TotalResults: 1, ItemsPerPage: 0, Items: [] })
  expect(page.TotalCounts).toEqual({
    Queued: 1,
    Executing: 1,
    Cancelling: 1,
    Success: 2,
    Failed: 1,
    Canceled: 1,
    TimedOut: 1,
  })
  expect(page.TotalCountsInOtherSpaces).toEqual({})
  expect((await client.get('/api/tasks?node=node-b')).TotalCounts).toMatchObject({
    Failed: 1,
    Cancelling: 1,
    Success: 0,
  })
})

test('pages are linked with all filters, and the last has no next', async () => {
  const seen: string[] = []
  let next: string | undefined = '/api/tasks?take=2&active=false&states=Success,Failed,TimedOut'
  while (next) {
    expect(next).not.toMatch(/[{}]/)
    const page = await client.get(next)
    seen.push(...page.Items.map((task: { Id: string }) => task.Id))
    next = page.Links['Page.Next']
  }
  expect(seen).toEqual(['ServerTasks-4', 'ServerTasks-3', 'ServerTasks-2', 'ServerTasks-1'])
})

test('a batch of ids is found whatever page of it is asked for', async () => {
  const page = await client.get('/api/Spaces-1/tasks?skip=300&take=300&ids=ServerTasks-1,ServerTasks-2')
  expect(page.Items.map((task: { Id: string }) => task.Id)).toEqual(['ServerTasks-2', 'ServerTasks-1'])
})

test('lists leave long arguments out, the task itself has them', async () => {
  const script = { ScriptBody: Array.from({ length: 3000 }, (_, index) => `echo ${index * 7919}`).join('\n') }
  await database.sql`update task set arguments = ${database.sql.json(script)} where id = 7`
  expect((await client.get('/api/tasks?ids=ServerTasks-7')).Items[0].Arguments).toEqual({})
  expect((await client.get('/api/tasks/ServerTasks-7')).Arguments).toEqual(script)
})

test.each([
  ['states=Exploded', /There is no task state "Exploded"\. There are: Queued, Executing/],
  ['fromQueueDate=yesterday', /^fromQueueDate must be a date/],
  ['toCompletedDate=2026-02-30', /^toCompletedDate must be a date/],
  ['running=perhaps', /^running must be true or false/],
  ['take=-1', /^take /],
  ['skip=1.5', /^skip /],
])('a filter that cannot be meant is refused: %s', async (filter, sentence) => {
  const { status, body } = await client.request('GET', `/api/tasks?${filter}`)
  expect([status, body.ErrorMessage]).toEqual([400, expect.stringMatching(sentence)])
  expect(body.Errors).toEqual([body.ErrorMessage])
})

test('ids that are none are 404 without Errors, on every route of a task', async () => {
  const operator = new ApiClient(api.url, (await createTestUser(database, 'administrator')).key)
  for (const id of [
    'ServerTasks-99',
    'ServerTasks-1x',
    'ServerTasks-',
    'nonsense',
    'ServerTasks-999999999999999',
    '%00',
    'x'.repeat(300),
  ]) {
    for (const [method, path] of [
      ['GET', `/api/tasks/${id}`],
      ['GET', `/api/tasks/${id}/details`],
      ['GET', `/api/tasks/${id}/raw`],
      ['GET', `/api/tasks/${id}/log`],
      ['GET', `/api/tasks/${id}/queued-behind`],
      ['GET', `/api/tasks/${id}/status/messages`],
      ['POST', `/api/tasks/${id}/cancel`],
      ['POST', `/api/tasks/${id}/prioritize`],
      ['POST', `/api/tasks/${id}/abandon`],
      ['POST', `/api/tasks/rerun/${id}`],
    ] as const) {
      const { status, body } = await operator.request(method, path)
      expect([method, path, status, body.Errors]).toEqual([method, path, 404, undefined])
      expect(body.ErrorMessage).toMatch(/^There is no task /)
    }
  }
})
