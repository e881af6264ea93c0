import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { addNode, claim, openClaimSession, queueTasks, until } from '../../test/support/task-nodes.ts'
import { drainNode, setTaskCap } from '../cluster/drain.ts'
import { pauseQueue, resumeQueue } from '../cluster/pause.ts'
import { defaultTimings } from '../cluster/timings.ts'
import type { Sql } from '../database/connect.ts'
import { systemActor } from '../identity/actor.ts'
import type { QueuePlace } from './claim.ts'
import type { EndRow } from './end-statements.ts'
import { fairShare } from './fairness.ts'

const actor = systemActor('node-a')
/** Never waiting for long, however slow the machine. */
const FRESH = { ageMs: -60_000 }
let database: TestDatabase
let sql: Sql
let session: Sql

beforeEach(async () => {
  database = await createTestDatabase()
  sql = database.sql
  session = openClaimSession(database, 'node-a')
})

afterEach(async () => {
  await session?.end({ timeout: 1 })
  await database?.drop()
})

test('a claim takes the free slots in the order of the queue and makes numbered attempts', async () => {
  const node = await addNode(sql, 'node-a', 4)
  const [first, second, third] = await queueTasks(sql, 3)
  const [urgent] = await queueTasks(sql, 1, { priority: 5 })
  await sql`update task set top = -1 where id = ${third ?? 0}`
  const { tasks, cap, limit } = await claim(session, node, 1)
  expect(tasks.map(({ id }) => id).toSorted()).toEqual([first, third, urgent].toSorted())
  expect({ cap, limit }).toEqual({ cap: 4, limit: 3 })
  expect(tasks.every(({ attempt, kind }) => attempt === 1 && kind === 'Noop')).toBe(true)
  const rows = await sql`select id, state, node, incarnation, started_at from task order by id`
  expect(rows.find(({ id }) => id === second)).toMatchObject({ state: 'Queued', node: null, started_at: null })
  expect(rows.find(({ id }) => id === urgent)).toMatchObject({ state: 'Executing', incarnation: node.incarnation })
})

test('a cap that was lowered below what runs starts nothing, whatever the node believes', async () => {
  const node = await addNode(sql, 'node-a', 10)
  await queueTasks(sql, 30)
  expect((await claim(session, node, 0)).tasks).toHaveLength(10)
  await setTaskCap(sql, 'node-a', 2, actor)
  expect((await claim(session, node, 4)).tasks).toHaveLength(0)
  expect((await claim(session, node, 1)).tasks).toHaveLength(1)
  await setTaskCap(sql, 'node-a', 0, actor)
  expect((await claim(session, node, 0)).tasks).toHaveLength(0)
})

test('a node without a row, lost, deleted, of another incarnation or session takes nothing: no limit is not LIMIT NULL', async () => {
  const node = await addNode(sql, 'node-a', 10)
  await queueTasks(sql, 50)
  const stranger = { name: 'node-x', incarnation: node.incarnation }
  expect(await claim(session, stranger)).toMatchObject({ tasks: [], cap: undefined, limit: 0 })
  expect((await claim(session, { ...node, incarnation: crypto.randomUUID() })).tasks).toEqual([])
  expect((await claim(session, node, 0, { session: 7 })).tasks).toEqual([])
  await sql`update node set lost = true`
  expect((await claim(session, node)).tasks).toEqual([])
  await sql`update node set lost = false, deleted_at = clock_timestamp()`
  expect((await claim(session, node)).tasks).toEqual([])
})

async function countExecuting(): Promise<number> {
  return (await sql`select 1 from task where state = 'Executing'`).length
}

test('once a drain is answered nothing is claimed, however many claims are under way', async () => {
  const node = await addNode(sql, 'node-a', 1000)
  await addNode(sql, 'node-b', 10)
  await queueTasks(sql, 3000)
  const claimers = Array.from({ length: 3 }, (_, index) => openClaimSession(database, `claimer-${index}`))
  let isDone = false
  const claiming = claimers.map(async (own) => {
    while (!isDone) await claim(own, node, 990, { shareOut: false })
  })
  await until(
    'the first claim',
    () => countExecuting(),
    (count) => count > 0,
  )
  await drainNode(sql, 'node-a', {}, actor, defaultTimings)
  const atAnswer = await countExecuting()
  await new Promise((resolve) => setTimeout(resolve, 100))
  isDone = true
  await Promise.all(claiming)
  expect(await countExecuting()).toBe(atAnswer)
  await Promise.all(claimers.map((own) => own.end({ timeout: 1 })))
})

test('a claim that is committed after a plain update of the node sees it, and one before it is waited for', async () => {
  const node = await addNode(sql, 'node-a', 10)
  await queueTasks(sql, 10)
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const draining = sql.begin(async (tx) => {
    await tx`update node set drain = true`
    const waiting = claim(session, node)
    await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 100))])
    release()
    return { waiting }
  })
  await held
  const { waiting } = await draining
  expect((await waiting).tasks).toEqual([])
})

/** Ends of attempts as an executor would send them along. */
function endsOf(tasks: readonly { id: number; attempt: number }[], stopped = false): EndRow[] {
  const end = { state: 'Success', stopped, cause: undefined, exitCode: 0, hasWarnings: false } as const
  return tasks.map(({ id, attempt }) => ({ id, attempt, ...end, endId: randomUUID() }))
}

test('ends that a claim takes along are committed with what begins in their place', async () => {
  const node = await addNode(sql, 'node-a', 3)
  const ids = await queueTasks(sql, 8)
  const first = (await claim(session, node)).tasks
  const second = await claim(session, node, 0, { shareOut: false, ends: endsOf(first) })
  expect(second.ended).toEqual({ ids: expect.arrayContaining(ids.slice(0, 3)), freesTag: false })
  expect(second.tasks.map(({ id }) => id).toSorted()).toEqual(ids.slice(3, 6))
  const rows = await sql<
    { id: number; xmin: string; state: string }[]
  >`select id, xmin, state from task where id = any (${ids.slice(0, 6)}) order by id`
  expect(new Set(rows.map(({ xmin }) => xmin)).size).toBe(1)
  const [{ inOrder } = { inOrder: false }] = await sql<{ inOrder: boolean }[]>`
    select (select max(completed_at) from task) <= (select min(started_at) from task where state = 'Executing') as "inOrder"`
  expect(inOrder).toBe(true)
  expect(rows.map(({ state }) => state)).toEqual([...Array(3).fill('Success'), ...Array(3).fill('Executing')])
})

test('ends taken along are written as ends are: once, only of this incarnation, and after a cancel as what was answered', async () => {
  const [node, other] = [await addNode(sql, 'node-a', 2), await addNode(sql, 'node-b', 2)]
  await queueTasks(sql, 6)
  const own = (await claim(session, node)).tasks
  const foreign = (await claim(session, other)).tasks
  await sql`update task set state = 'Cancelling' where id = ${own[0]?.id ?? 0}`
  const ends = [...endsOf(own, true), ...endsOf(foreign)]
  const { ended } = await claim(session, node, 0, { shareOut: false, ends })
  expect(ended.ids.toSorted()).toEqual(own.map(({ id }) => id).toSorted())
  const states = await sql<
    { state: string }[]
  >`select state from task where id = any (${[...own, ...foreign].map(({ id }) => id)}) order by id`
  expect(states.map(({ state }) => state)).toEqual(['Canceled', 'Success', 'Executing', 'Executing'])
  expect((await claim(session, node, 2, { shareOut: false, ends })).ended).toEqual({ ids: [], freesTag: false })
})

test('ends taken along are written where nothing may begin: paused, drained, or under another number of the session', async () => {
  const node = await addNode(sql, 'node-a', 1)
  await queueTasks(sql, 5)
  for (const forbid of [
    () => pauseQueue(sql, actor, 'stop the world'),
    () => sql`update node set drain = true`,
    () => sql`update node set claim_session = 7`,
  ]) {
    await sql`update node set drain = false, claim_session = 0`
    await resumeQueue(sql, actor).catch(() => {})
    const { tasks } = await claim(session, node)
    expect(tasks).toHaveLength(1)
    await forbid()
    const answer = await claim(session, node, 0, { shareOut: false, ends: endsOf(tasks) })
    expect(answer).toMatchObject({ tasks: [], cap: undefined, ended: { ids: tasks.map(({ id }) => id) } })
  }
})

test('while the queue is paused nothing starts; when it is resumed it goes on in its order', async () => {
  const node = await addNode(sql, 'node-a', 2)
  const ids = await queueTasks(sql, 3)
  await pauseQueue(sql, actor, 'stop the world')
  expect(await claim(session, node)).toMatchObject({ tasks: [], cap: undefined })
  await resumeQueue(sql, actor)
  expect((await claim(session, node)).tasks.map(({ id }) => id).toSorted()).toEqual(ids.slice(0, 2))
})

test('expired tasks, future ones and those of unknown kinds are not claimed', async () => {
  const node = await addNode(sql, 'node-a')
  await queueTasks(sql, 1, { ageMs: 2000, expiryMs: 1000 })
  await queueTasks(sql, 1, { kind: 'Unheard' })
  const [future] = await queueTasks(sql, 1)
  await sql`update task set due = false where id = ${future ?? 0}`
  expect((await claim(session, node)).tasks).toEqual([])
})

test('a burst on stale statistics is not claimed beyond the limit', async () => {
  const node = await addNode(sql, 'node-a', 5)
  await sql`
    insert into task (kind, state, expiry_ms, expires_at, when_lost, task_lease_ms, completed_at)
    select 'Noop', 'Success', 1, clock_timestamp(), 'fail', 1, clock_timestamp() from generate_series(1, 5000)`
  await sql`vacuum analyze task`
  await queueTasks(sql, 200)
  expect((await claim(session, node)).tasks).toHaveLength(5)
  expect(await sql`select 1 from task where state = 'Executing'`).toHaveLength(5)
})

test('with 20,000 queued and 100,000 finished tasks, on statistics of an empty queue, a claim reads a few rows of the queue’s index', async () => {
  // An analyze that runs meanwhile keeps the index entries of claimed rows alive, which each claim then walks past
  await sql`alter table task set (autovacuum_enabled = off)`
  const node = await addNode(sql, 'node-a', 10)
  await sql`
    insert into task (kind, state, expiry_ms, expires_at, when_lost, task_lease_ms, completed_at)
    select 'Noop', 'Success', 1, clock_timestamp(), 'fail', 1, clock_timestamp() from generate_series(1, 100000)`
  await sql`analyze task`
  await queueTasks(sql, 20_000)
  const reads = async () => {
    await session`select pg_stat_force_next_flush()`
    const rows = await sql<{ name: string; scans: number; read: number }[]>`
      select indexrelname as name, idx_scan as scans, idx_tup_read as read from pg_stat_user_indexes where relname = 'task'
      union all select 'table', seq_scan, seq_tup_read from pg_stat_user_tables where relname = 'task'`
    return new Map(rows.map((row) => [row.name, row]))
  }
  await claim(session, node)
  const before = await reads()
  for (let round = 0; round < 20; round += 1) await claim(session, node, 0, { shareOut: round % 2 === 0 })
  const after = await reads()
  const grown = (name: string, what: 'scans' | 'read') =>
    (after.get(name)?.[what] ?? 0) - (before.get(name)?.[what] ?? 0)
  expect(grown('task_queue', 'scans')).toBeGreaterThanOrEqual(20)
  expect(grown('task_queue', 'read')).toBeLessThan(20 * 150)
  expect(grown('table', 'scans')).toBe(0)
  for (const name of ['task_expiry', 'task_future', 'task_completed', 'task_node']) expect(grown(name, 'scans')).toBe(0)
  expect(grown('task_tagged_queue', 'read')).toBe(0)
})

test('a claim that begins where the last one did takes what comes from there on, and does not walk past what was taken', async () => {
  await sql`alter table task set (autovacuum_enabled = off)`
  const node = await addNode(sql, 'node-a', 100)
  const ids = await queueTasks(sql, 6000)
  await sql`update task set state = 'Success', started_at = clock_timestamp(), completed_at = clock_timestamp() where id = any (${ids.slice(0, 5000)}::bigint[])`
  const { tasks, first } = await claim(session, node, 90)
  expect(tasks.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(ids.slice(5000, 5010))
  await queueTasks(sql, 1, { priority: 10 })
  const blocks = async () => {
    await session`select pg_stat_force_next_flush()`
    const [row] = await sql<{ count: number }[]>`
      select idx_blks_hit + idx_blks_read as count from pg_statio_user_indexes where indexrelname = 'task_queue'`
    return row?.count ?? 0
  }
  const cost = async (from?: QueuePlace) => {
    const before = await blocks()
    const answer = await claim(session, node, 90, { shareOut: false, from })
    return { ids: answer.tasks.map(({ id }) => id).toSorted((a, b) => a - b), read: (await blocks()) - before }
  }
  const fromThere = await cost(first)
  expect(fromThere.ids).toEqual(ids.slice(5010, 5020))
  const fromBeginning = await cost()
  expect(fromBeginning.ids).toEqual([...ids.slice(5020, 5029), (ids.at(-1) ?? 0) + 1])
  expect(fromThere.read * 2).toBeLessThan(fromBeginning.read)
})

test('a burst of 30 is shared by three idle nodes of cap 10, and 12 of them 4 each', async () => {
  const nodes = [await addNode(sql, 'node-a'), await addNode(sql, 'node-b'), await addNode(sql, 'node-c')]
  await queueTasks(sql, 12, FRESH)
  for (const node of nodes) expect((await claim(session, node)).tasks).toHaveLength(4)
  await sql`update task set state = 'Success', completed_at = clock_timestamp()`
  await queueTasks(sql, 30, FRESH)
  const sessions = nodes.map(({ name }) => openClaimSession(database, name))
  const shares = await Promise.all(nodes.map((node, index) => claim(sessions[index] ?? session, node)))
  for (const { tasks } of shares) {
    expect(tasks.length).toBeGreaterThanOrEqual(9)
    expect(tasks.length).toBeLessThanOrEqual(11)
  }
  await Promise.all(sessions.map((own) => own.end({ timeout: 1 })))
})

/** Nodes that already run something, and then a burst. */
async function addLoadedNodes(loads: readonly number[]) {
  const nodes = []
  for (const [index, load] of loads.entries()) {
    const node = await addNode(sql, `node-${'abc'[index]}`)
    const ids = await queueTasks(sql, load)
    await sql`
      update task set state = 'Executing', attempt = 1, node = ${node.name}, incarnation = ${node.incarnation}, started_at = clock_timestamp()
      where id = any (${ids}::bigint[])`
    nodes.push({ ...node, running: load })
  }
  return nodes
}

test('twelve queued tasks go to nodes that run 8, 3 and 0 of 10 as 0, 5 and 7', async () => {
  const nodes = await addLoadedNodes([8, 3, 0])
  await queueTasks(sql, 12, FRESH)
  const taken = []
  for (const node of nodes) taken.push((await claim(session, node, node.running)).tasks.length)
  expect(taken).toEqual([0, 5, 7])
})

test('what a wedged node leaves is taken by any free slot after a moment', async () => {
  const node = await addNode(sql, 'node-a')
  await addNode(sql, 'node-b')
  const ids = await queueTasks(sql, 10, FRESH)
  const first = await claim(session, node)
  expect(first).toMatchObject({ limit: 5 })
  expect(first.tasks).toHaveLength(5)
  expect((await claim(session, node, 5)).tasks).toHaveLength(0)
  await sql`update task set queued_since = clock_timestamp() - interval '300 ms'`
  expect((await claim(session, node, 5)).tasks.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(ids.slice(5))
})

test('nodes that cannot claim count for nothing', async () => {
  const node = await addNode(sql, 'node-a')
  const ways = ['can_claim = false', 'goodbye = true', 'lost = true', "last_seen = clock_timestamp() - interval '6 s'"]
  for (const [index, way] of ways.entries()) {
    const other = await addNode(sql, `other-${index}`)
    await sql`update node_beat set ${sql.unsafe(way)} where incarnation = ${other.incarnation}`
  }
  const drained = await addNode(sql, 'other-drained')
  await sql`update node set drain = true where incarnation = ${drained.incarnation}`
  await queueTasks(sql, 8, { ageMs: 0 })
  expect((await claim(session, node)).tasks).toHaveLength(8)
})

test('what waited while the queue was paused is shared out like a burst', async () => {
  const node = await addNode(sql, 'node-a')
  await addNode(sql, 'node-b')
  await queueTasks(sql, 10, { ageMs: 60_000 })
  await pauseQueue(sql, actor)
  await resumeQueue(sql, actor)
  expect((await claim(session, node)).tasks).toHaveLength(5)
})

test('the statement shares out as fairShare does', async () => {
  await addNode(sql, 'node-a', 1)
  const load = fc.record({ cap: fc.integer({ min: 0, max: 12 }), running: fc.integer({ min: 0, max: 14 }) })
  const situation = fc.record({
    mine: load,
    others: fc.array(load, { maxLength: 3 }),
    fresh: fc.integer({ min: 0, max: 20 }),
    old: fc.integer({ min: 0, max: 6 }),
  })
  await fc.assert(
    fc.asyncProperty(situation, async ({ mine, others, fresh, old }) => {
      await sql`truncate task, node_beat, node cascade`
      const node = await addNode(sql, 'node-m', mine.cap)
      for (const [index, other] of others.entries()) {
        const added = await addNode(sql, `node-${index}`, other.cap)
        if (other.running === 0) continue
        const ids = await queueTasks(sql, other.running)
        await sql`
          update task set state = 'Executing', incarnation = ${added.incarnation}, node = ${added.name} where id = any (${ids}::bigint[])`
      }
      if (old > 0) await queueTasks(sql, old, { ageMs: 5000 })
      if (fresh > 0) await queueTasks(sql, fresh, { ageMs: -60_000 })
      const { limit, tasks } = await claim(session, node, mine.running)
      const free = [mine, ...others].reduce((sum, { cap, running }) => sum + Math.max(0, cap - running), 0)
      const expected = fairShare(mine, others, fresh + old, Math.min(old, free))
      expect(Math.max(0, limit)).toBe(expected)
      expect(tasks).toHaveLength(Math.min(expected, fresh + old))
    }),
    { numRuns: 60 },
  )
})

test('a share is never more than the free slots, and something is always taken where something waits and is free', () => {
  const load = fc.record({ cap: fc.integer({ min: 0, max: 1000 }), running: fc.integer({ min: 0, max: 1000 }) })
  fc.assert(
    fc.property(fc.array(load, { minLength: 1, maxLength: 8 }), fc.nat(5000), (nodes, queued) => {
      const shares = nodes.map((mine, index) => fairShare(mine, nodes.toSpliced(index, 1), queued, 0))
      for (const [index, { cap, running }] of nodes.entries()) {
        expect(shares[index]).toBeLessThanOrEqual(Math.max(0, cap - running))
      }
      const free = nodes.some(({ cap, running }) => cap > running)
      // Where a node runs more than its cap allows, the others' shares are computed on it all the same, and enough
      if (free && queued > 0 && nodes.every(({ cap, running }) => running <= cap)) {
        expect(Math.max(...shares)).toBeGreaterThan(0)
      }
    }),
  )
})

test('the order of claims is the order of the queue', async () => {
  const node = await addNode(sql, 'node-a', 1)
  const place = fc.record({
    top: fc.integer({ min: -2, max: 0 }),
    rank: fc.integer({ min: -2, max: 2 }),
    at: fc.nat(3),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(place, { minLength: 1, maxLength: 8 }), async (places) => {
      await sql`truncate task cascade`
      const rows = []
      for (const { top, rank, at } of places) {
        const [id = 0] = await queueTasks(sql, 1)
        await sql`update task set top = ${top}, rank = ${rank}, queue_time = timestamptz '2026-01-01' + ${at}::int * interval '1 s' where id = ${id}`
        rows.push({ top, rank, at, id })
      }
      const order = rows.toSorted((a, b) => a.top - b.top || a.rank - b.rank || a.at - b.at || a.id - b.id)
      const claimed = []
      for (const _ of rows) claimed.push((await claim(session, node)).tasks[0]?.id)
      expect(claimed).toEqual(order.map(({ id }) => id))
    }),
    { numRuns: 15 },
  )
})
