import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { addNode, claim, makeKind, openClaimSession, queueTasks } from '../../test/support/task-nodes.ts'
import { until } from '../../test/support/until.ts'
import { defaultTimings } from '../cluster/timings.ts'
import { readClusterView } from '../cluster/view.ts'
import type { Sql } from '../database/connect.ts'
import { startHints } from '../database/hints.ts'
import { systemClock } from '../lib/clock.ts'
import { createAbsence } from './absence.ts'
import { cancelAtDrainDeadline } from './drain-deadline.ts'
import { enqueueTask } from './enqueue.ts'
import { KindRegistry } from './kind.ts'
import { type SweepDeps, sweepTasks } from './sweep.ts'

let database: TestDatabase
let sql: Sql

beforeEach(async () => {
  database = await createTestDatabase()
  sql = database.sql
})

afterEach(() => database?.drop())

const registry = new KindRegistry([makeKind()])

function deps(more: Partial<SweepDeps> = {}): SweepDeps {
  const absence = createAbsence(3000)
  return { node: 'node-c', timings: defaultTimings, clock: systemClock, silence: () => [], absence, ...more }
}

test('with nothing to do it says nothing is due', async () => {
  expect(await sweepTasks(sql, deps())).toEqual({})
})

test('a task of the future joins the queue when its time has come, and is hinted at', async () => {
  const heard: string[] = []
  const hints = await startHints(sql)
  hints.on(({ topic }) => heard.push(topic))
  const node = await addNode(sql, 'node-a')
  const session = openClaimSession(database, 'node-a')
  const queueTime = new Date(Date.now() + 60_000)
  const id = await enqueueTask(sql, registry, defaultTimings, { kind: 'Noop', arguments: {}, space: null, queueTime })
  const { nextDueMs } = await sweepTasks(sql, deps())
  expect(nextDueMs).toBeGreaterThan(50_000)
  expect(nextDueMs).toBeLessThanOrEqual(60_000)
  expect((await claim(session, node)).tasks).toEqual([])
  await sql`update task set queue_time = clock_timestamp() - interval '1 ms'`
  heard.length = 0
  await sweepTasks(sql, deps())
  expect((await claim(session, node)).tasks).toMatchObject([{ id }])
  await until('the queue was hinted at', () => heard.includes('queue'))
  await hints.stop()
  await session.end({ timeout: 1 })
})

test('what waited for its whole window times out, with its window, the reason, a completed time and an event', async () => {
  const [expired = 0, fresh = 0] = [
    ...(await queueTasks(sql, 1, { ageMs: 61_000, expiryMs: 60_000 })),
    ...(await queueTasks(sql, 1)),
  ]
  const node = await addNode(sql, 'node-a')
  await sql`update node set drain = true`
  await sql`update node_beat set fitness = '{"eventLoopLagMs": 1}' where incarnation = ${node.incarnation}`
  const view = await readClusterView(sql, defaultTimings)
  await sweepTasks(sql, deps({ view: () => view, registry }))
  const rows =
    await sql`select id, state, cause, completed_at is not null as completed, end_id is not null as ended from task order by id`
  expect(rows).toMatchObject([
    { id: expired, state: 'TimedOut', completed: true, ended: true },
    { id: fresh, state: 'Queued', completed: false },
  ])
  expect(rows[0]?.cause).toBe(
    'It expired in the queue: it did not start within its window of 1m. Why it waited: Every node that is online is drained (node-a). Undrain one.',
  )
  const events = await sql`select message, related, after from event where category = 'TaskExpired'`
  expect(events).toMatchObject([{ related: [`ServerTasks-${expired}`], after: { State: 'TimedOut' } }])
})

test('many nodes that sweep a flood of expired tasks at once end each once', async () => {
  await queueTasks(sql, 1300, { ageMs: 61_000, expiryMs: 60_000 })
  await Promise.all(['node-a', 'node-b', 'node-c'].map((node) => sweepTasks(sql, deps({ node }))))
  await sweepTasks(sql, deps())
  expect(await sql`select 1 from task where state = 'TimedOut'`).toHaveLength(1300)
  expect(await sql`select 1 from event where category = 'TaskExpired'`).toHaveLength(1300)
})

test('a task that is claimed while its expiry is being swept runs, and one that expired is not claimed', async () => {
  const node = await addNode(sql, 'node-a')
  const session = openClaimSession(database, 'node-a')
  await queueTasks(sql, 1, { ageMs: 900, expiryMs: 1000 })
  const [{ tasks }] = await Promise.all([claim(session, node), sweepTasks(sql, deps())])
  expect(tasks).toHaveLength(1)
  await systemClock.sleep(150)
  await sweepTasks(sql, deps())
  expect(await sql`select state from task`).toEqual([{ state: 'Executing' }])
  await session.end({ timeout: 1 })
})

async function startOnDrainedNode() {
  const node = await addNode(sql, 'node-a')
  const session = openClaimSession(database, 'node-a')
  await queueTasks(sql, 2)
  await claim(session, node)
  await session.end({ timeout: 1 })
  await sql`update node set drain = true, drain_number = 4, drain_cancel = true, drain_deadline = clock_timestamp() - interval '1 s'`
}

test('at the deadline of a drain that cancels, what still runs is cancelled by the system, once', async () => {
  await startOnDrainedNode()
  await sweepTasks(sql, deps())
  await sweepTasks(sql, deps())
  const rows = await sql`select state, cause, cancel_by, cancel_at is not null as at from task`
  const cause = 'Cancelled at the deadline of the drain of node-a.'
  expect(rows).toEqual(Array(2).fill({ state: 'Cancelling', cause, cancel_by: 'system', at: true }))
  expect(await sql`select 1 from event where category = 'TaskCanceled'`).toHaveLength(2)
})

test('a deadline does nothing in another drain, nor before its time, nor without the wish to cancel', async () => {
  await startOnDrainedNode()
  expect(await cancelAtDrainDeadline(sql, 'node-c', { node: 'node-a', number: 3 })).toEqual([])
  await sql`update node set drain_deadline = clock_timestamp() + interval '1 h'`
  await sweepTasks(sql, deps())
  await sql`update node set drain_deadline = clock_timestamp() - interval '1 h', drain_cancel = false`
  await sweepTasks(sql, deps())
  await sql`update node set drain_cancel = true, drain = false`
  await sweepTasks(sql, deps())
  expect(await sql`select distinct state from task`).toEqual([{ state: 'Executing' }])
})

test('attempts of a lost node are settled, and the sweep says when it must come back', async () => {
  const node = await addNode(sql, 'node-b')
  const session = openClaimSession(database, 'node-b')
  await queueTasks(sql, 3)
  await claim(session, node)
  await session.end({ timeout: 1 })
  await sql`update node_beat set lost = true, lost_proven = true, lost_at = clock_timestamp(), lost_cause = 'Gone.'`
  const { nextDueMs } = await sweepTasks(sql, deps())
  expect(nextDueMs).toBeLessThanOrEqual(200)
  await systemClock.sleep((nextDueMs ?? 0) + 1)
  await sweepTasks(sql, deps())
  expect(await sql`select distinct state from task`).toEqual([{ state: 'Queued' }])
})

test('attempts of a node whose rows were deleted by hand are settled after their time, by the sweep’s own count', async () => {
  const node = await addNode(sql, 'node-b')
  const session = openClaimSession(database, 'node-b')
  await queueTasks(sql, 1, { whenLost: 'fail' })
  await claim(session, node)
  await session.end({ timeout: 1 })
  await sql`delete from node_beat`
  await sql`delete from node`
  let now = 0
  const shared = deps({ clock: { ...systemClock, monotonicMs: () => now } })
  for (now = 0; now <= 5000; now += 1000) {
    expect(await sql`select state from task`).toEqual([{ state: 'Executing' }])
    await sweepTasks(sql, shared)
  }
  expect(await sql`select state from task`).toEqual([{ state: 'Failed' }])
})
