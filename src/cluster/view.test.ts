import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { age, emptyCluster, FAST, insertRunning, join, register, SLOW } from '../../test/support/cluster-room.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { until } from '../../test/support/until.ts'
import { connect } from '../database/connect.ts'
import { must } from '../lib/must.ts'
import { readClusterView, readQueueSize } from './view.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  await emptyCluster(database.sql)
})

const read = () => readClusterView(database.sql, SLOW)

async function queue(count: number, more: Record<string, unknown> = {}): Promise<void> {
  await database.sql`
    insert into task ${database.sql(
      Array.from({ length: count }, () => ({
        kind: 'Test',
        expiry_ms: 1,
        expires_at: new Date(2100, 1),
        when_lost: 'fail',
        task_lease_ms: 1,
        ...more,
      })),
    )}`
}

test('an empty cluster has a view', async () => {
  expect(await read()).toMatchObject({
    installationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    readAt: expect.any(Date),
    pause: undefined,
    leadership: { term: 0, leader: undefined, holder: undefined },
    nodes: [],
    formerBeats: [],
    running: 0,
    queuedAtLeast: 0,
    oldestQueuedAt: undefined,
    totalTaskCap: 0,
  })
})

test('a node is starting from its registration until it says whether it can claim', async () => {
  const { sql } = database
  await register(sql, 'node-a')
  expect((await read()).nodes[0]).toMatchObject({
    status: 'Starting',
    canClaim: false,
    fitness: undefined,
    isOffline: false,
  })
  await join(sql, 'node-b')
  expect((await read()).nodes[1]).toMatchObject({
    id: 'OctopusServerNodes-node-b',
    name: 'node-b',
    status: 'Online',
    canClaim: true,
    url: 'http://127.0.0.1:1/node-b',
    pingUrl: 'http://127.0.0.1:1/node-b/api/octopusservernodes/ping',
    version: '1.2.3',
    pid: 4711,
    taskCap: 5,
    isLeader: false,
    startedAt: expect.any(Date),
    lastSeen: expect.any(Date),
    offlineSince: undefined,
    offlineCause: undefined,
    fitness: { eventLoopLagMs: 1, warnings: [], sharedFolderFreeBytes: undefined },
  })
})

test('a node without a beat for the lease is offline since its last beat, with its cause', async () => {
  const { sql } = database
  const { incarnation } = await join(sql, 'node-a')
  await age(sql, incarnation, SLOW.leaseDurationMs - 5000)
  expect((await read()).nodes[0]?.status).toBe('Online')
  await age(sql, incarnation, SLOW.leaseDurationMs + 5000)
  const node = must((await read()).nodes[0])
  expect(node).toMatchObject({
    status: 'Offline',
    isOffline: true,
    canClaim: false,
    offlineCause: expect.stringContaining('no heartbeat'),
  })
  expect(node.offlineSince).toEqual(node.lastSeen)
})

test("an observer's word on silence outranks the clock, both ways", async () => {
  const { sql } = database
  const { incarnation } = await join(sql, 'node-a')
  expect((await readClusterView(sql, SLOW, () => true)).nodes[0]?.status).toBe('Offline')
  await age(sql, incarnation, SLOW.leaseDurationMs + 5000)
  expect((await readClusterView(sql, SLOW, () => false)).nodes[0]?.status).toBe('Online')
})

test('the leader is who holds the lead while others may count on it', async () => {
  const { sql } = database
  const { incarnation } = await join(sql, 'node-a')
  await sql`update leadership set term = 9, node = 'node-a', incarnation = ${incarnation}, since = clock_timestamp()`
  const view = await read()
  expect(view.leadership).toMatchObject({ term: 9, leader: 'node-a', since: expect.any(Date) })
  expect(view.nodes[0]?.isLeader).toBe(true)
  await sql`update node set drain = true`
  expect((await read()).leadership).toMatchObject({ leader: undefined, since: undefined, holder: { node: 'node-a' } })
  await sql`update node set drain = false`
  await sql`update node_beat set goodbye = true`
  expect((await read()).leadership.leader).toBeUndefined()
})

test('what runs is counted per node over all its incarnations, and never from a page of the queue', async () => {
  const { sql } = database
  const old = await join(sql, 'node-a')
  for (let n = 0; n < 2; n += 1) await insertRunning(sql, old, 3000)
  await sql`update node_beat set lost = true`
  const present = await register(sql, 'node-a')
  for (let n = 0; n < 5; n += 1) await insertRunning(sql, present, 4000)
  await join(sql, 'node-b')
  await queue(500)
  const view = await read()
  expect(view.nodes.map(({ name, running }) => [name, running])).toEqual([
    ['node-a', 7],
    ['node-b', 0],
  ])
  expect(view).toMatchObject({ running: 7, queuedAtLeast: 500, oldestQueuedAt: expect.any(Date) })
  expect(view.nodes[0]?.beats).toMatchObject({ running: 5, shortestTaskLeaseMs: 4000 })
  expect(view.formerBeats).toMatchObject([
    { incarnation: old.incarnation, running: 2, shortestTaskLeaseMs: 3000, lost: true },
  ])
})

test('only caps of nodes that can claim are added up', async () => {
  const { sql } = database
  await join(sql, 'node-a', { taskCap: 3 })
  await join(sql, 'node-b', { taskCap: 4, drained: true })
  await register(sql, 'node-c', { taskCap: 10 })
  const d = await join(sql, 'node-d', { taskCap: 20 })
  await sql`update node_beat set can_claim = false where incarnation = ${d.incarnation}`
  expect((await read()).totalTaskCap).toBe(3)
})

test('a long queue is counted up to a thousand in the view, and exactly on demand; future tasks do not wait', async () => {
  const { sql } = database
  await queue(1500)
  await queue(10, { tag: 'one' })
  await queue(5, { due: false })
  expect((await read()).queuedAtLeast).toBe(1000)
  expect(await readQueueSize(sql)).toEqual({ queued: 1510, oldestQueuedAt: expect.any(Date) })
})

test('the session of a reading is named: the same while it lasts, another when another has taken its place', async () => {
  const sql = connect(database.url, { purpose: 'test', owner: 'view', max: 1 })
  const sessions = [await readClusterView(sql, FAST), await readClusterView(sql, FAST)].map(({ session }) => session)
  await database.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tako test view'`
  await until('a new session', () =>
    readClusterView(sql, FAST).then(
      ({ session }) => sessions.push(session),
      () => false,
    ),
  )
  await sql.end()
  expect(sessions[1]).toBe(sessions[0])
  expect(sessions[2]).not.toBe(sessions[0])
})
