import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { addNode, claim, type NodeRow, openClaimSession, queueTasks } from '../../test/support/task-nodes.ts'
import type { Sql } from '../database/connect.ts'
import { claimTagged, type TaggedClaimRequest } from './claim-tagged.ts'

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

async function take(node: NodeRow, running = 0, more: Partial<TaggedClaimRequest> = {}, on = session) {
  const name = { node: node.name, incarnation: node.incarnation, session: 0 }
  return await claimTagged(on, { ...name, running, kinds: ['Noop'], leads: false, ...more })
}

async function end(id: number | undefined) {
  await sql`update task set state = 'Success', completed_at = clock_timestamp() where id = ${id ?? 0}`
}

test('a tag is held by one attempt at a time, in the order of its line, and another tag is free meanwhile', async () => {
  const node = await addNode(sql, 'node-a')
  const [first, second] = await queueTasks(sql, 2, { tag: 'production' })
  const [other] = await queueTasks(sql, 1, { tag: 'test' })
  expect(await take(node)).toMatchObject({ id: first, attempt: 1, tag: 'production' })
  expect(await take(node, 1)).toMatchObject({ id: other })
  expect(await take(node, 2)).toBeUndefined()
  await end(first)
  expect(await take(node, 1)).toMatchObject({ id: second })
})

test('many nodes that look at once never hold a tag twice, and nothing is left', async () => {
  const nodes = await Promise.all(['node-a', 'node-b', 'node-c', 'node-d'].map((name) => addNode(sql, name, 100)))
  const tags = ['x', 'y', 'z']
  for (const tag of tags) await queueTasks(sql, 12, { tag })
  const sessions = nodes.map(({ name }) => openClaimSession(database, name))
  let taken = 0
  const work = nodes.map(async (node, index) => {
    while (taken < 36) {
      const task = await take(node, 0, {}, sessions[index])
      if (!task) continue
      taken += 1
      await end(task.id)
    }
  })
  await Promise.all(work)
  expect(await sql`select 1 from task where state = 'Success' and attempt = 1`).toHaveLength(36)
  await Promise.all(sessions.map((own) => own.end({ timeout: 1 })))
})

test('the unique index refuses what got past the lock, and the claim takes it as a tag that is held', async () => {
  const node = await addNode(sql, 'node-a')
  await queueTasks(sql, 1, { tag: 'production' })
  let taking: ReturnType<typeof take> | undefined
  await sql.begin(async (tx) => {
    // Not committed, so that no look can see it: only the index can
    await tx`
      insert into task (kind, state, attempt, incarnation, tag, expiry_ms, expires_at, when_lost, task_lease_ms)
      values ('Noop', 'Executing', 1, ${node.incarnation}, 'production', 1000, clock_timestamp(), 'fail', 1000)`
    taking = take(node)
    await new Promise((resolve) => setTimeout(resolve, 150))
  })
  expect(await taking).toBeUndefined()
  expect(await sql`select 1 from task where state = 'Executing'`).toHaveLength(1)
  expect(await take(node)).toBeUndefined()
})

test('with and without a tag there is one order', async () => {
  const node = await addNode(sql, 'node-a', 1)
  const [oldest] = await queueTasks(sql, 1, { ageMs: 9000 })
  const [tagged] = await queueTasks(sql, 1, { ageMs: 8000, tag: 'production' })
  const [plain] = await queueTasks(sql, 1, { ageMs: 7000 })
  expect(await take(node)).toBeUndefined()
  expect((await claim(session, node)).tasks).toMatchObject([{ id: oldest }])
  await end(oldest)
  expect(await take(node)).toMatchObject({ id: tagged })
  await end(tagged)
  expect((await claim(session, node)).tasks).toMatchObject([{ id: plain }])
})

test('a task moved to the top goes first, tagged or not', async () => {
  const node = await addNode(sql, 'node-a', 2)
  await queueTasks(sql, 5, { ageMs: 9000 })
  const [tagged] = await queueTasks(sql, 1, { tag: 'production', ageMs: 0 })
  expect(await take(node)).toBeUndefined()
  await sql`update task set top = -1 where id = ${tagged ?? 0}`
  expect(await take(node)).toMatchObject({ id: tagged })
})

test('what runs on the leader is taken by the leader only', async () => {
  const node = await addNode(sql, 'node-a')
  const [id] = await queueTasks(sql, 1, { tag: 'Retention', leaderOnly: true })
  expect(await take(node)).toBeUndefined()
  expect(await take(node, 0, { leads: true })).toBeUndefined()
  await sql`update leadership set node = 'node-a', incarnation = ${node.incarnation}, term = 1`
  expect(await take(node)).toBeUndefined()
  expect(await take(node, 0, { leads: true })).toMatchObject({ id })
})

test('cap, drain, pause, session and unknown kinds forbid it too', async () => {
  const node = await addNode(sql, 'node-a', 1)
  await queueTasks(sql, 1, { tag: 'production' })
  expect(await take(node, 1)).toBeUndefined()
  expect(await take(node, 0, { session: 3 })).toBeUndefined()
  expect(await take(node, 0, { kinds: ['Other'] })).toBeUndefined()
  await sql`update node set drain = true`
  expect(await take(node)).toBeUndefined()
  await sql`update node set drain = false`
  await sql`update cluster set paused = true`
  expect(await take(node)).toBeUndefined()
})

test('a long line behind a held tag is not walked through', async () => {
  const node = await addNode(sql, 'node-a')
  await queueTasks(sql, 20_000, { tag: 'a-busy-one' })
  const [id] = await queueTasks(sql, 1, { tag: 'b' })
  const held = await take(node)
  expect(held?.tag).toBe('a-busy-one')
  const before = await readTaggedRows()
  expect(await take(node, 1)).toMatchObject({ id })
  expect((await readTaggedRows()) - before).toBeLessThan(50)
})

async function readTaggedRows(): Promise<number> {
  await session`select pg_stat_force_next_flush()`
  const [row] = await sql<{ read: number }[]>`
    select sum(idx_tup_read)::bigint as read from pg_stat_user_indexes where relname = 'task' and indexrelname <> 'task_pkey'`
  return row?.read ?? 0
}
