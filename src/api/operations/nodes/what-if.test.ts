import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ApiClient } from '../../../../test/support/api-client.ts'
import { createTestUser, startTestApi, type TestApi } from '../../../../test/support/api-server.ts'
import { insertRunning } from '../../../../test/support/cluster-room.ts'
import { insertNodeRows } from '../../../../test/support/cluster-rows.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { queueTasks } from '../../../../test/support/task-nodes.ts'
import { allOperations } from '../../all-operations.ts'

const NODES = '/api/octopusservernodes'
let database: TestDatabase
let api: TestApi
let viewer: ApiClient
let operator: ApiClient

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { operations: allOperations })
  viewer = new ApiClient(api.url, (await createTestUser(database, 'viewer')).key)
  operator = new ApiClient(api.url, (await createTestUser(database, 'operator')).key)
})

beforeEach(async () => {
  const { sql } = database
  await sql`delete from task`
  await sql`delete from node`
  await sql`delete from node_beat`
  const { incarnation } = await insertNodeRows(sql, { name: 'node-a', leads: true, silentSeconds: -3600 })
  await insertNodeRows(sql, { name: 'node-b', silentSeconds: -3600 })
  await insertNodeRows(sql, { name: 'node-c', silentSeconds: -3600 })
  await insertRunning(sql, { node: 'node-a', incarnation })
  await queueTasks(sql, 7)
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

test('the drain of the leader leaves two nodes, of which either may lead, and changes nothing', async () => {
  const { before, events } = { before: await viewer.nodes(), events: await viewer.get('/api/events?take=0') }
  expect(await viewer.get(`${NODES}/what-if?drain=NODE-A`)).toEqual({
    Summary:
      '2 of 3 nodes stay, with 10 of 15 slots. 7 tasks are queued. 1 task on node-a goes on to the end. node-b or node-c would lead.',
    Nodes: [
      {
        NodeId: 'OctopusServerNodes-node-a',
        NodeName: 'node-a',
        Status: 'Draining',
        MaxConcurrentTasks: 5,
        RunningTaskCount: 1,
        IsInMaintenanceMode: true,
        IsLeader: true,
      },
    ],
    ActiveNodeCount: 3,
    StayingNodeCount: 2,
    StayingNodeIds: ['OctopusServerNodes-node-b', 'OctopusServerNodes-node-c'],
    TotalTaskCap: 15,
    RemainingTaskCap: 10,
    QueuedTaskCount: 7,
    RunningTaskCount: 1,
    AnyPingAnswers: true,
    NeedsConfirmation: false,
    LeaderNodeId: 'OctopusServerNodes-node-a',
    NextLeaderNodeId: null,
    LeaderCandidates: ['OctopusServerNodes-node-b', 'OctopusServerNodes-node-c'],
  })
  expect(await viewer.nodes()).toEqual(before)
  expect((await viewer.get('/api/events?take=0')).TotalResults).toBe(events.TotalResults)
})

test('what it says of a drain that must be confirmed is what the drain says', async () => {
  const all = await viewer.get(`${NODES}/what-if?drain=node-a,node-b,OctopusServerNodes-node-c`)
  expect(all).toMatchObject({
    StayingNodeCount: 0,
    RemainingTaskCap: 0,
    AnyPingAnswers: false,
    NeedsConfirmation: true,
    NextLeaderNodeId: null,
    LeaderCandidates: [],
  })
  expect(all.Summary).toMatch(/^0 of 3 nodes stay, .* No node would lead\. No node would answer its ping with 200\.$/)
  await operator.post(`${NODES}/node-b/drain`)
  expect(await viewer.get(`${NODES}/what-if?drain=node-b,node-c`)).toMatchObject({
    NeedsConfirmation: false,
    NextLeaderNodeId: 'OctopusServerNodes-node-a',
  })
  await operator.post(`${NODES}/node-c/drain`)
  const last = await viewer.get(`${NODES}/what-if?drain=node-a`)
  expect(last).toMatchObject({ NeedsConfirmation: true, ActiveNodeCount: 1 })
  const refused = await operator.request('POST', `${NODES}/node-a/drain`)
  expect([refused.status, refused.body.Details.Confirmation]).toEqual([409, 'ConfirmLastNode'])
})

test('task caps count in slots and for the lead: a leader with cap 0 hands over while another can lead', async () => {
  const lower = await viewer.get(`${NODES}/what-if?cap=node-b:2&cap=node-c:0`)
  expect(lower).toMatchObject({
    RemainingTaskCap: 7,
    StayingNodeCount: 3,
    NextLeaderNodeId: 'OctopusServerNodes-node-a',
    LeaderCandidates: ['OctopusServerNodes-node-a'],
  })
  expect(lower.Summary).toBe('3 of 3 nodes stay, with 7 of 15 slots. 7 tasks are queued. node-a goes on leading.')
  expect(await viewer.get(`${NODES}/what-if?cap=node-a:0&drain=node-b`)).toMatchObject({
    NextLeaderNodeId: 'OctopusServerNodes-node-c',
    LeaderCandidates: ['OctopusServerNodes-node-c'],
    RunningTaskCount: 1,
  })
})

test.each([
  ['', 400, /Say what would change: drain=node-b/],
  ['drian=node-a', 400, /Say what would change/],
  ['drain=node-x', 404, /There is no node node-x\./],
  ['cap=node-x:1', 404, /There is no node node-x\./],
  ['cap=node-a', 400, /such as node-b:3, not "node-a"/],
  ['cap=node-a:1001', 400, /from 0 to 1000/],
  ['cap=node-a:-1', 400, /from 0 to 1000/],
  ['cap=:5', 400, /such as node-b:3/],
])('what if %j is refused with a sentence', async (query, status, sentence) => {
  const answer = await viewer.request('GET', `${NODES}/what-if?${query}`)
  expect(answer.status).toBe(status)
  expect(answer.body.ErrorMessage).toMatch(sentence)
})
