import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiClient } from '../../../../test/support/api-client.ts'
import { createTestUser, startTestApi, type TestApi } from '../../../../test/support/api-server.ts'
import { insertNodeRows } from '../../../../test/support/cluster-rows.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { getLeadership } from '../leadership/get-leadership.ts'
import { getQueue } from '../queue/get-queue.ts'
import { getNode, getNodeDetails } from './get-node.ts'
import { allNodes, listNodes } from './list-nodes.ts'
import { getNodeSummary } from './node-summary.ts'

const DATE = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/)
let database: TestDatabase
let api: TestApi
let client: ApiClient
let leaderIncarnation: string

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, {
    operations: [listNodes, allNodes, getNode, getNodeDetails, getNodeSummary, getLeadership, getQueue],
  })
  client = new ApiClient(api.url, (await createTestUser(database, 'viewer')).key)
  ;({ incarnation: leaderIncarnation } = await insertNodeRows(database.sql, {
    name: 'node-a',
    leads: true,
    silentSeconds: -3600,
  }))
  await insertNodeRows(database.sql, { name: 'node-b', cap: 0, silentSeconds: -3600 })
  await insertNodeRows(database.sql, { name: 'node-c', silentSeconds: 90 })
  await database.sql`
    insert into task (kind, state, node, incarnation, attempt, started_at, expiry_ms, expires_at, when_lost, task_lease_ms)
    select 'AdHocScript', 'Executing', 'node-a', ${leaderIncarnation}::uuid, 1, clock_timestamp(), 1000, clock_timestamp(), 'fail', 300000
    from generate_series(1, 7)`
  await database.sql`
    insert into task (kind, expiry_ms, expires_at, when_lost, task_lease_ms)
    select 'AdHocScript', 86400000, clock_timestamp() + interval '1 day', 'fail', 300000 from generate_series(1, 50)`
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

test('the summary shows of each node its rank, last seen, tasks, task cap and drain, and the cluster', async () => {
  const summary = await client.get('/api/octopusservernodes/summary')
  expect(summary.Links).toEqual({})
  expect(summary.Nodes.map((node: { Name: string }) => node.Name)).toEqual(['node-a', 'node-b', 'node-c'])
  expect(summary.Nodes[0]).toEqual({
    Id: 'OctopusServerNodes-node-a',
    Name: 'node-a',
    MaxConcurrentTasks: 5,
    IsInMaintenanceMode: false,
    LastSeen: DATE,
    IsOffline: false,
    RunningTaskCount: 7,
    Version: '0.1.0',
    Rank: 'Leader',
    IsLeader: true,
    Status: 'Online',
    OfflineSince: null,
    OfflineCause: null,
    Url: 'http://10.0.0.5:8081',
    PingUrl: 'http://10.0.0.5:8081/api/octopusservernodes/ping',
    StartTime: DATE,
    Incarnation: leaderIncarnation,
    CanClaim: true,
    Warnings: [expect.stringContaining('more than its cap of 5')],
    Drain: null,
    Fitness: {
      EventLoopLagMs: 2,
      DatabaseRoundTripMs: 1.5,
      ClockDifferenceMs: -3,
      SharedFolderFreeBytes: 1_000_000,
      Warnings: [],
    },
    LastModifiedOn: DATE,
    LastModifiedBy: 'system',
    Links: {
      Self: '/api/octopusservernodes/OctopusServerNodes-node-a',
      Node: '/api/octopusservernodes/OctopusServerNodes-node-a',
      Details: '/api/octopusservernodes/OctopusServerNodes-node-a/details',
      Ping: '/api/octopusservernodes/ping',
      Tasks: '/api/tasks?node=OctopusServerNodes-node-a&running=true',
      Drain: '/api/octopusservernodes/OctopusServerNodes-node-a/drain',
      Undrain: '/api/octopusservernodes/OctopusServerNodes-node-a/undrain',
    },
  })
  expect(summary.Nodes[1]).toMatchObject({
    Rank: 'Follower',
    CanClaim: false,
    Warnings: [expect.stringContaining('task cap is 0')],
  })
  expect(summary.Nodes[2]).toMatchObject({
    Status: 'Offline',
    IsOffline: true,
    OfflineSince: DATE,
    OfflineCause: expect.stringMatching(/heartbeat/),
    CanClaim: false,
  })
  expect(summary.Cluster).toEqual({
    LeaderNodeId: 'OctopusServerNodes-node-a',
    Term: 1,
    LeaderSince: DATE,
    IsPaused: false,
    PauseReason: null,
    PausedBy: null,
    PausedAt: null,
    TotalTaskCap: 5,
    RunningTaskCount: 7,
    QueuedTaskCount: 50,
    OldestQueuedAt: DATE,
  })
})

test('one node is found by id and by name in any letter case, and is the same in every list', async () => {
  const { Nodes } = await client.get('/api/octopusservernodes/summary')
  for (const id of ['OctopusServerNodes-node-a', 'octopusservernodes-NODE-A', 'Node-A']) {
    expect(await client.get(`/api/octopusservernodes/${id}`)).toEqual(Nodes[0])
  }
  expect(await client.get('/api/octopusservernodes/all')).toEqual(Nodes)
  const list = await client.get('/api/octopusservernodes')
  expect(list).toMatchObject({ ItemType: 'OctopusServerNode', TotalResults: 3, Items: Nodes })
  expect((await client.get('/api/octopusservernodes?ids=octopusservernodes-node-b,node-x')).Items).toEqual([Nodes[1]])
  expect((await client.get('/api/octopusservernodes?partialName=E-C')).Items).toEqual([Nodes[2]])
  expect((await client.get('/api/octopusservernodes?skip=1&take=1')).Items).toEqual([Nodes[1]])
})

test('the details tell how many tasks a node runs', async () => {
  expect(await client.get('/api/octopusservernodes/node-a/details')).toMatchObject({
    Id: 'OctopusServerNodes-node-a',
    RunningTasks: 7,
  })
})

test('an unknown node is 404 without Errors', async () => {
  for (const path of ['node-x', 'OctopusServerNodes-', 'node-x/details', `${'x'.repeat(300)}`]) {
    const { status, body } = await client.request('GET', `/api/octopusservernodes/${path}`)
    expect(status).toBe(404)
    expect(body.ErrorMessage).toMatch(/^There is no node /)
    expect(body.Errors).toBeUndefined()
  }
})

test('the leader and the queue are shown on their own', async () => {
  expect(await client.get('/api/leadership')).toMatchObject({
    Term: 1,
    NodeId: 'OctopusServerNodes-node-a',
    NodeName: 'node-a',
    Since: DATE,
  })
  expect(await client.get('/api/queue')).toMatchObject({
    IsPaused: false,
    PauseReason: null,
    QueuedTaskCount: 50,
    ExecutingTaskCount: 7,
    OldestQueuedAt: DATE,
    TotalTaskCap: 5,
  })
})

test('a long queue is counted to the end', async () => {
  await database.sql`
    insert into task (kind, expiry_ms, expires_at, when_lost, task_lease_ms)
    select 'AdHocScript', 86400000, clock_timestamp() + interval '1 day', 'fail', 300000 from generate_series(1, 1500)`
  expect((await client.get('/api/queue')).QueuedTaskCount).toBe(1550)
})
