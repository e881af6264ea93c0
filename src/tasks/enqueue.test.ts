import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { makeKind } from '../../test/support/task-nodes.ts'
import { defaultTimings } from '../cluster/timings.ts'
import type { Sql } from '../database/connect.ts'
import { startHints } from '../database/hints.ts'
import { enqueueTask, type TaskWish } from './enqueue.ts'
import { KindRegistry } from './kind.ts'

let database: TestDatabase
let sql: Sql

beforeEach(async () => {
  database = await createTestDatabase()
  sql = database.sql
})

afterEach(() => database?.drop())

const registry = new KindRegistry([
  makeKind(undefined, { describe: () => 'Does nothing', tag: (input) => (input as { Tag?: string }).Tag }),
  makeKind(undefined, { name: 'LeadersOwn', runsOn: 'leader', whenLost: 'fail' }),
])

async function enqueue(wish: Partial<TaskWish> = {}) {
  return await enqueueTask(sql, registry, defaultTimings, { kind: 'noop', arguments: {}, space: 'Spaces-1', ...wish })
}

async function read(id: number) {
  const [row] = await sql`
    select *, (extract(epoch from expires_at - queued_since) * 1000)::bigint as window, queue_time = queued_since as is_now,
      abs(extract(epoch from clock_timestamp() - queue_time)) < 5 as is_fresh from task where id = ${id}`
  return row
}

test('a task joins the queue with what its kind declares', async () => {
  const id = await enqueue({ createdBy: 'ann', priority: 3 })
  expect(await read(id)).toMatchObject({
    kind: 'Noop',
    state: 'Queued',
    description: 'Does nothing',
    space: 'Spaces-1',
    rank: -3,
    due: true,
    is_now: true,
    is_fresh: true,
    window: 86_400_000,
    when_lost: 'rerun',
    task_lease_ms: 20_000,
    leader_only: false,
    tag: null,
    created_by: 'ann',
  })
  expect(await read(await enqueue({ kind: 'leadersown', arguments: {} }))).toMatchObject({
    kind: 'LeadersOwn',
    leader_only: true,
    tag: 'LeadersOwn',
    when_lost: 'fail',
    task_lease_ms: 300_000,
  })
  expect(await read(await enqueue({ arguments: { Tag: 'production' } }))).toMatchObject({ tag: 'production' })
})

test('a future queue time waits, with its window counted from then; one that has passed gets nobody ahead', async () => {
  const future = new Date(Date.now() + 3_600_000)
  expect(await read(await enqueue({ queueTime: future, expiryMs: 60_000 }))).toMatchObject({
    due: false,
    queue_time: future,
    queued_since: future,
    window: 60_000,
  })
  expect(await read(await enqueue({ queueTime: new Date(0) }))).toMatchObject({ due: true, is_fresh: true })
})

test('an unknown kind is refused', async () => {
  await expect(enqueue({ kind: 'Unheard' })).rejects.toMatchObject({
    code: 'BadRequest',
    message: expect.stringContaining('Unheard'),
  })
})

test('the same user’s same key gets the first task, however many ask at once, and another user’s or key’s does not', async () => {
  const key = (userId: number, text: string) => ({ idempotency: { userId, key: text } })
  const ids = await Promise.all(Array.from({ length: 12 }, () => enqueue(key(1, 'k'))))
  expect(new Set(ids).size).toBe(1)
  expect(await enqueue(key(1, 'k'))).toBe(ids[0])
  expect(await enqueue(key(2, 'k'))).not.toBe(ids[0])
  expect(await enqueue(key(1, 'l'))).not.toBe(ids[0])
  expect(await sql`select 1 from task`).toHaveLength(3)
})

test('a key is free again after a day, and another kind of request’s key is refused', async () => {
  const idempotency = { userId: 1, key: 'k' }
  const first = await enqueue({ idempotency })
  await sql`update idempotency set created_at = created_at - interval '25 hours'`
  const second = await enqueue({ idempotency })
  expect(second).not.toBe(first)
  expect(await enqueue({ idempotency })).toBe(second)
  await sql`update idempotency set operation = 'create user'`
  await expect(enqueue({ idempotency })).rejects.toMatchObject({ code: 'Conflict' })
})

test('text that PostgreSQL refuses is cleaned on its way in', async () => {
  const id = await enqueue({ description: 'a\u0000b\ud800', arguments: { Script: 'x\u0000y', List: ['\udc00'] } })
  expect(await read(id)).toMatchObject({
    description: 'a\ufffdb\ufffd',
    arguments: { Script: 'x\ufffdy', List: ['\ufffd'] },
  })
})

test('with an actor the audit trail tells of it, once for a repeated request', async () => {
  const actor = { userId: 1, username: 'ann', establishedWith: 'session' }
  const idempotency = { userId: 1, key: 'k' }
  const ids = await Promise.all(Array.from({ length: 3 }, () => enqueue({ actor, idempotency })))
  expect(await sql`select category, username, related from event`).toEqual([
    { category: 'Created', username: 'ann', related: [`ServerTasks-${ids[0]}`] },
  ])
})

test('queueing tells the nodes', async () => {
  const heard: string[] = []
  const hints = await startHints(sql)
  hints.on(({ topic, detail }) => heard.push(`${topic}:${detail}`))
  heard.length = 0
  const id = await enqueue()
  await sql`select 1`
  await expect.poll(() => heard).toEqual(expect.arrayContaining(['queue:', `task:${id}`]))
  await hints.stop()
})
