import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { addNode, claim, makeKind, openClaimSession, queueTasks } from '../../test/support/task-nodes.ts'
import { defaultTimings } from '../cluster/timings.ts'
import type { Sql } from '../database/connect.ts'
import { systemActor } from '../identity/actor.ts'
import { abandonTask } from './abandon.ts'
import { cancelTask } from './cancel.ts'
import { KindRegistry } from './kind.ts'
import { prioritizeTask } from './prioritize.ts'
import { queuedBehind, queuePosition } from './queries.ts'
import { canRerun, rerunTask } from './rerun.ts'

const actor = { ...systemActor('node-a'), userId: 1, username: 'ann', establishedWith: 'session' }
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

const registry = new KindRegistry([
  makeKind(),
  makeKind(undefined, { name: 'SystemOnly', createPermission: undefined }),
])
const parts = { registry, timings: defaultTimings }

async function read(id: number) {
  const [row] = await sql`select * from task where id = ${id}`
  return row
}

const events = (category: string) =>
  sql`select message, username, before, after, related from event where category = ${category} order by id`

async function finish(id: number, more: Record<string, unknown> = {}) {
  await sql`update task set ${sql({ state: 'Failed', attempt: 1, completed_at: new Date(), ...more })} where id = ${id}`
}

test('a queued task that is cancelled ends at once, one that runs is Cancelling, and again changes nothing', async () => {
  const [queued = 0, running = 0] = [...(await queueTasks(sql, 1)), ...(await queueTasks(sql, 1, { priority: 5 }))]
  await claim(session, await addNode(sql, 'node-a', 1))
  for (const id of [queued, running, queued, running]) await cancelTask(sql, id, actor)
  expect(await read(queued)).toMatchObject({
    state: 'Canceled',
    completed_at: expect.any(Date),
    end_id: expect.any(String),
    cancel_by: 'ann',
    cause: 'Cancelled by ann before it started.',
  })
  expect(await read(running)).toMatchObject({
    state: 'Cancelling',
    completed_at: null,
    cancel_by: 'ann',
    cancel_at: expect.any(Date),
  })
  expect(await events('TaskCanceled')).toMatchObject([
    { username: 'ann', before: { State: 'Queued' }, after: { State: 'Canceled' }, related: [`ServerTasks-${queued}`] },
    { before: { State: 'Executing' }, after: { State: 'Cancelling' } },
  ])
})

test('a task that has ended stays as it is, and one that is none is a 404', async () => {
  const [id = 0] = await queueTasks(sql, 1)
  await finish(id)
  await cancelTask(sql, id, actor)
  expect(await read(id)).toMatchObject({ state: 'Failed', cancel_at: null })
  for (const act of [cancelTask, prioritizeTask]) {
    await expect(act(sql, 999, actor)).rejects.toMatchObject({
      code: 'NotFound',
      message: expect.stringContaining('ServerTasks-999'),
    })
  }
})

test('a cancel and a claim at once: the task either never runs or is Cancelling', async () => {
  const node = await addNode(sql, 'node-a', 1000)
  const ids = await queueTasks(sql, 40)
  const [{ tasks }] = await Promise.all([claim(session, node), ...ids.map((id) => cancelTask(sql, id, actor))])
  const claimed = new Set(tasks.map(({ id }) => id))
  for (const id of ids) expect((await read(id))?.state).toBe(claimed.has(id) ? 'Cancelling' : 'Canceled')
})

test('what was moved to the top later comes first; only what waits can be moved', async () => {
  const node = await addNode(sql, 'node-a', 1)
  const [first = 0, second = 0, third = 0] = await queueTasks(sql, 3)
  await queueTasks(sql, 1, { priority: 50 })
  await prioritizeTask(sql, second, actor)
  await prioritizeTask(sql, third, actor)
  expect(await queuePosition(sql, third)).toBe(0)
  const { tasks } = await claim(session, node)
  expect(tasks).toMatchObject([{ id: third }])
  await expect(prioritizeTask(sql, third, actor)).rejects.toMatchObject({
    code: 'Conflict',
    message: expect.stringContaining(`ServerTasks-${third} is Executing`),
  })
  expect(await events('TaskPrioritized')).toMatchObject([
    { before: { MovedToTop: false }, after: { MovedToTop: true }, related: [`ServerTasks-${second}`] },
    { related: [`ServerTasks-${third}`] },
  ])
  expect((await queuedBehind(sql, first, { skip: 0, take: 10 })).map(({ id }) => id)).toEqual([second, 4])
})

test('a task may be abandoned only after its time in Cancelling; then it has ended, and its tag is free', async () => {
  const node = await addNode(sql, 'node-a', 1)
  const [id = 0] = await queueTasks(sql, 1)
  await expect(abandonTask(sql, id, 1000, actor)).rejects.toMatchObject({ code: 'Conflict' })
  await claim(session, node)
  await sql`update task set tag = 'production'`
  await cancelTask(sql, id, actor)
  await expect(abandonTask(sql, id, 600_000, actor)).rejects.toMatchObject({
    code: 'Conflict',
    message: expect.stringMatching(/has been Cancelling for 10m, which is in (9m 5\d|10m)/),
  })
  await sql`update task set cancel_at = cancel_at - interval '11 min'`
  await abandonTask(sql, id, 600_000, actor)
  expect(await read(id)).toMatchObject({
    state: 'Canceled',
    completed_at: expect.any(Date),
    cause: expect.stringMatching(/^Abandoned by ann/),
  })
  expect(await events('TaskAbandoned')).toMatchObject([
    { before: { State: 'Cancelling' }, after: { State: 'Canceled' } },
  ])
  await expect(abandonTask(sql, id, 0, actor)).rejects.toMatchObject({ code: 'Conflict' })
})

test('a re-run is a new task with the same wish; the system’s own and unfinished ones are refused', async () => {
  const [id = 0] = await queueTasks(sql, 1, { priority: 7 })
  const [system = 0] = await queueTasks(sql, 1, { kind: 'SystemOnly' })
  await sql`update task set arguments = '{"Script": "echo"}', description = 'Say hello', space = 'Spaces-1', time_limit_ms = 5000 where id = ${id}`
  await expect(rerunTask(sql, id, parts, actor)).rejects.toMatchObject({
    code: 'Conflict',
    message: expect.stringContaining('is Queued'),
  })
  await finish(id)
  await finish(system)
  await expect(rerunTask(sql, system, parts, actor)).rejects.toMatchObject({ code: 'Conflict' })
  const again = await rerunTask(sql, id, parts, actor)
  expect(await read(again)).toMatchObject({
    state: 'Queued',
    arguments: { Script: 'echo' },
    description: 'Say hello',
    space: 'Spaces-1',
    rank: -7,
    time_limit_ms: 5000,
    rerun_of: id,
    created_by: 'ann',
    attempt: 0,
  })
  expect(await rerunTask(sql, id, parts, actor)).not.toBe(again)
  expect(canRerun({ state: 'Success', kind: 'noop' }, registry)).toBe(true)
  expect(canRerun({ state: 'Success', kind: 'Unheard' }, registry)).toBe(false)
})

test('what was lost is run again once, however many ask at once', async () => {
  const [id = 0] = await queueTasks(sql, 1)
  await finish(id, { lost: true })
  const reruns = await Promise.all(Array.from({ length: 6 }, () => rerunTask(sql, id, parts, actor)))
  expect(new Set(reruns).size).toBe(1)
  expect(await events('TaskRerun')).toHaveLength(1)
})

test('a request to re-run that is repeated makes and tells of one task', async () => {
  const [id = 0] = await queueTasks(sql, 1)
  await finish(id)
  const idempotency = { userId: 1, key: 'again' }
  const reruns = await Promise.all(Array.from({ length: 4 }, () => rerunTask(sql, id, parts, actor, idempotency)))
  expect(new Set(reruns).size).toBe(1)
  expect(await events('TaskRerun')).toHaveLength(1)
})
