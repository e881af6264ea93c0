import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiClient } from '../../../../test/support/api-client.ts'
import { createTestUser, startTestApi, type TestApi } from '../../../../test/support/api-server.ts'
import { insertRunning } from '../../../../test/support/cluster-room.ts'
import { insertNodeRows } from '../../../../test/support/cluster-rows.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { allOperations } from '../../all-operations.ts'

const LOAD = '/api/octopusservernodes/OctopusServerNodes-node-a/load'
let database: TestDatabase
let api: TestApi
let client: ApiClient

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { operations: allOperations })
  client = new ApiClient(api.url, (await createTestUser(database, 'viewer')).key)
  const { incarnation } = await insertNodeRows(database.sql, { name: 'node-a', cap: 3 })
  await insertRunning(database.sql, { node: 'node-a', incarnation })
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

test('the load of a node comes minute by minute, the last hour unless told', async () => {
  const load = await client.get(LOAD)
  expect(load).toMatchObject({ NodeId: 'OctopusServerNodes-node-a', MaxConcurrentTasks: 3 })
  expect(load.Minutes).toHaveLength(60)
  expect(load.Minutes.at(-2)?.Started + load.Minutes.at(-1)?.Started).toBe(1)
  expect(load.Minutes.at(-1)).toMatchObject({
    At: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00\.000\+00:00$/),
    Running: 1,
    Finished: 0,
    Failed: 0,
  })
  expect((await client.get('/api/octopusservernodes/NODE-A/load?minutes=1')).Minutes).toHaveLength(1)
})

test.each([
  [`${LOAD}?minutes=0`, 400, /minutes must be a whole number from 1 to 180, not 0\./],
  [`${LOAD}?minutes=181`, 400, /from 1 to 180/],
  [`${LOAD}?minutes=soon`, 400, /minutes must be a whole number/],
  ['/api/octopusservernodes/node-x/load', 404, /There is no node node-x\./],
])('%s is refused', async (path, status, sentence) => {
  const answer = await client.request('GET', path)
  expect(answer.status).toBe(status)
  expect(answer.body.ErrorMessage).toMatch(sentence)
})
