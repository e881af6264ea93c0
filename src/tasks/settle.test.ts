import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import {
  addNode,
  claim,
  type NodeRow,
  openClaimSession,
  queueTasks,
  type TaskRowWish,
} from '../../test/support/task-nodes.ts'
import { markLost } from '../cluster/judge.ts'
import type { Sql } from '../database/connect.ts'
import { systemActor } from '../identity/actor.ts'
import { createAbsence } from './absence.ts'
import { cancelTask } from './cancel.ts'
import { LOST_LIMIT, settleLost } from './settle.ts'

const actor = { ...systemActor('node-c'), username: 'ann' }
let database: TestDatabase
let sql: Sql
let node: NodeRow

beforeEach(async () => {
  database = await createTestDatabase()
  sql = database.sql
  node = await addNode(sql, 'node-b', 1000)
})

afterEach(() => database?.drop())

/** Tasks that run on node-b. */
async function start(count = 1, wish: TaskRowWish = {}): Promise<number[]> {
  await queueTasks(sql, count, wish)
  const session = openClaimSession(database, 'node-b')
  const { tasks } = await claim(session, node, 1000 - count)
  await session.end({ timeout: 1 })
  return tasks.map(({ id }) => id).toSorted((a, b) => a - b)
}

const settle = (stillMs?: number) =>
  settleLost(sql, {
    node: 'node-c',
    leaseDurationMs: 5000,
    still: stillMs === undefined ? [] : [{ incarnation: node.incarnation, stillMs }],
  })

/** As its death was proven, so long ago. */
async function prove(agoMs: number) {
  const verdict = { by: 'proof', cause: 'Its process is gone (connections are refused).' } as const
  await markLost(sql, { incarnation: node.incarnation, verdict, actor })
  await sql`update node_beat set lost_at = clock_timestamp() - ${agoMs}::int * interval '1 ms'`
}

/** As it was silent for so long, and marked for it. */
async function silence(ms: number) {
  await sql`update node_beat set last_seen = clock_timestamp() - ${ms}::int * interval '1 ms'`
  const verdict = { by: 'silence', beat: 0, stillMs: ms, leaseDurationMs: 5000 } as const
  await markLost(sql, { incarnation: node.incarnation, verdict, actor })
}

async function read(id: number) {
  const [row] = await sql`select *, completed_at is not null as completed from task where id = ${id}`
  return row
}

test('nothing of a live node is settled, however long it was seen to stand still', async () => {
  await start(2)
  await sql`update node_beat set last_seen = last_seen - interval '1 h'`
  expect(await settle(3_600_000)).toEqual([])
})

test('after a proven death it waits for the guards and then settles: re-run here, failed there', async () => {
  const [rerun = 0] = await start(1, { ageMs: 5000 })
  const [fail = 0] = await start(1, { whenLost: 'fail', taskLeaseMs: 300_000 })
  const before = await read(rerun)
  await prove(0)
  expect(await settle()).toEqual([])
  await sql`update node_beat set lost_at = clock_timestamp() - interval '1400 ms'`
  expect(await settle()).toEqual([
    { id: rerun, state: 'Queued' },
    { id: fail, state: 'Failed' },
  ])
  expect(await read(rerun)).toMatchObject({
    state: 'Queued',
    times_lost: 1,
    lost: false,
    attempt: 1,
    node: null,
    incarnation: null,
    started_at: null,
    cause: null,
    completed: false,
    queue_time: before?.queue_time,
  })
  const cause =
    /^node-b was lost \(Its process is gone \(connections are refused\)\); attempt 1 was settled by node-c \d+\.\d s later\.$/
  expect(await read(fail)).toMatchObject({
    lost: true,
    completed: true,
    node: 'node-b',
    cause: expect.stringMatching(cause),
  })
  expect(await sql`select task_id, attempt, outcome, node, cause from task_attempt`).toEqual([
    { task_id: rerun, attempt: 1, outcome: 'Lost', node: 'node-b', cause: expect.stringMatching(cause) },
  ])
  const events =
    await sql`select message, related, before, after, node, username from event where category = 'TaskSettled' order by id`
  expect(events).toMatchObject([
    {
      related: [`ServerTasks-${rerun}`, 'OctopusServerNodes-node-b'],
      after: { State: 'Queued' },
      node: 'node-c',
      username: 'system',
    },
    {
      message: expect.stringMatching(/^ServerTasks-2 failed: node-b was lost/),
      before: { State: 'Executing', Attempt: 1 },
    },
  ])
})

test('what goes back waits for its whole window again', async () => {
  const [id = 0] = await start()
  await sql`update task set expires_at = clock_timestamp() + interval '1 s'`
  await prove(1000)
  await settle()
  const [row] = await sql`select expires_at > clock_timestamp() + interval '23 h' as renewed from task where id = ${id}`
  expect(row).toEqual({ renewed: true })
})

test('after silence each attempt is settled after its own lease, by the clock and by the count', async () => {
  const [rerun = 0] = await start(1, { taskLeaseMs: 20_000 })
  const [fail = 0] = await start(1, { whenLost: 'fail', taskLeaseMs: 300_000 })
  await silence(21_000)
  expect(await settle(19_000)).toEqual([])
  expect(await settle()).toEqual([])
  expect(await settle(20_500)).toEqual([{ id: rerun, state: 'Queued' }])
  expect(await settle(290_000)).toEqual([])
  // The clock alone makes no verdict either
  expect(await settle(310_000)).toEqual([])
  await sql`update node_beat set last_seen = clock_timestamp() - interval '301 s'`
  expect(await settle(21_000)).toEqual([])
  expect(await settle(310_000)).toEqual([{ id: fail, state: 'Failed' }])
})

test('where the last beat lies in the clock’s future the count decides alone', async () => {
  const [id = 0] = await start()
  await silence(21_000)
  await sql`update node_beat set last_seen = clock_timestamp() + interval '1 h'`
  expect(await settle(19_000)).toEqual([])
  expect(await settle(20_500)).toEqual([{ id, state: 'Queued' }])
})

test('attempts of an incarnation without a row are settled by the count: what fails after the lease, the rest after its own', async () => {
  const [rerun = 0] = await start(1, { taskLeaseMs: 20_000 })
  const [fail = 0] = await start(1, { whenLost: 'fail', taskLeaseMs: 300_000 })
  await sql`delete from node_beat`
  await sql`delete from node`
  expect(await settle(4900)).toEqual([])
  expect(await settle(5100)).toEqual([{ id: fail, state: 'Failed' }])
  expect(await settle(20_100)).toEqual([{ id: rerun, state: 'Queued' }])
  expect((await read(fail))?.cause).toBe('node-b was lost (its registration is gone); attempt 1 was settled by node-c.')
})

test('what a node left at its goodbye is settled too', async () => {
  const [id = 0] = await start()
  await sql`update node_beat set goodbye = true`
  expect(await settle()).toEqual([])
  await sql`update node_beat set last_seen = clock_timestamp() - interval '3 s'`
  expect(await settle()).toEqual([{ id, state: 'Queued' }])
})

test('a cancelled task ends canceled and never goes back to the queue', async () => {
  const [id = 0] = await start()
  await cancelTask(sql, id, actor)
  await prove(1000)
  expect(await settle()).toEqual([{ id, state: 'Canceled' }])
  expect(await read(id)).toMatchObject({
    completed: true,
    lost: false,
    cause: expect.stringMatching(/^node-b was lost .*\. It had been cancelled by ann\.$/),
  })
})

test('a cancel that is answered while the sweep waits to look prevails', async () => {
  const [id = 0] = await start()
  await prove(1000)
  await sql.begin(async (tx) => {
    await tx`update task set state = 'Cancelling', cancel_at = clock_timestamp(), cancel_by = 'ann' where id = ${id}`
    // Its row is locked by the cancel, so it is skipped now
    expect(await settle()).toEqual([])
  })
  expect(await settle()).toEqual([{ id, state: 'Canceled' }])
})

test('what was lost three times is not tried again', async () => {
  const [id = 0] = await start()
  await sql`update task set times_lost = ${LOST_LIMIT - 2}`
  await prove(1000)
  expect(await settle()).toEqual([{ id, state: 'Queued' }])
  await sql`update task set state = 'Executing', attempt = 3, node = 'node-b', incarnation = ${node.incarnation} where id = ${id}`
  expect(await settle()).toEqual([{ id, state: 'Failed' }])
  expect(await read(id)).toMatchObject({
    times_lost: LOST_LIMIT,
    lost: true,
    cause: expect.stringMatching(/; attempt 3 was settled by node-c .* It was lost 3 times and is not tried again\.$/),
  })
})

test('three nodes that settle 1,200 attempts at once settle each once, in batches', async () => {
  await sql`update node set task_cap = 1000`
  await queueTasks(sql, 1200)
  await sql`update task set state = 'Executing', attempt = 1, node = 'node-b', incarnation = ${node.incarnation}`
  await prove(1000)
  const settled: number[] = []
  const settleAll = async () => {
    for (let empty = 0; empty < 2; ) {
      const batch = await settle()
      expect(batch.length).toBeLessThanOrEqual(500)
      settled.push(...batch.map(({ id }) => id))
      empty = batch.length === 0 ? empty + 1 : 0
    }
  }
  await Promise.all([settleAll(), settleAll(), settleAll()])
  expect(new Set(settled).size).toBe(1200)
  expect(settled).toHaveLength(1200)
  expect(await sql`select 1 from event where category = 'TaskSettled'`).toHaveLength(1200)
  expect(await sql`select 1 from task where state = 'Queued' and times_lost = 1`).toHaveLength(1200)
})

test('what is missing is counted from the first look that missed it, and anew after a gap', () => {
  const absence = createAbsence(3000)
  expect(absence.note(['a'], 1000)).toEqual(new Map([['a', 0]]))
  expect(absence.note(['a', 'b'], 2500)).toEqual(
    new Map([
      ['a', 1500],
      ['b', 0],
    ]),
  )
  expect(absence.note(['b'], 3500)).toEqual(new Map([['b', 1000]]))
  expect(absence.note(['a', 'b'], 4500)).toEqual(
    new Map([
      ['a', 0],
      ['b', 2000],
    ]),
  )
  expect(absence.note(['b'], 9000)).toEqual(new Map([['b', 0]]))
})
