import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { addNode, claim, openClaimSession, queueTasks } from '../../test/support/task-nodes.ts'
import type { Sql } from '../database/connect.ts'
import { raiseClaimSession, reconcile } from './claim-session.ts'

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

test('raising the number waits for a claim in flight, and turns away one that comes later with the old number', async () => {
  const node = await addNode(sql, 'node-a')
  await queueTasks(sql, 30)
  let raised: number | undefined
  let raising: Promise<void> | undefined
  await sql.begin(async (tx) => {
    await tx`select 1 from node for share`
    raising = raiseClaimSession(database.sql, { node: node.name, incarnation: node.incarnation }).then((number) => {
      raised = number
    })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(raised).toBeUndefined()
  })
  await raising
  expect(raised).toBe(1)
  expect((await claim(session, node, 0, { session: 0 })).tasks).toEqual([])
  expect((await claim(session, node, 0, { session: 1 })).tasks).toHaveLength(10)
})

test('another incarnation, a lost and a deleted node get no number', async () => {
  const node = await addNode(sql, 'node-a')
  const name = { node: node.name, incarnation: node.incarnation }
  expect(await raiseClaimSession(sql, { ...name, incarnation: crypto.randomUUID() })).toBeUndefined()
  await sql`update node set lost = true`
  expect(await raiseClaimSession(sql, name)).toBeUndefined()
})

test('rows the memory does not know go back as never started, in their place; what the rows gave away is named', async () => {
  const node = await addNode(sql, 'node-a', 3)
  const ids = await queueTasks(sql, 4)
  await claim(session, node)
  const [known = 0, unknown = 0, taken = 0] = ids
  await sql`update task set incarnation = ${crypto.randomUUID()} where id = ${taken}`
  const held = [known, taken].map((id) => ({ id, attempt: 1 }))
  const found = await reconcile(sql, node.incarnation, held)
  expect(found).toEqual({ returned: [{ id: unknown, attempt: 1 }], foreign: [{ id: taken, attempt: 1 }] })
  const [row] =
    await sql`select state, node, incarnation, started_at, attempt, times_lost from task where id = ${unknown}`
  expect(row).toEqual({ state: 'Queued', node: null, incarnation: null, started_at: null, attempt: 1, times_lost: 0 })
  expect(await sql`select outcome, node from task_attempt where task_id = ${unknown}`).toEqual([
    expect.objectContaining({ outcome: 'NotStarted', node: 'node-a' }),
  ])
  const again = await claim(session, node, 2)
  expect(again.tasks).toMatchObject([{ id: unknown, attempt: 2 }])
})

test('another attempt of the same task is not the one that is held', async () => {
  const node = await addNode(sql, 'node-a')
  const [id = 0] = await queueTasks(sql, 1)
  await claim(session, node)
  const found = await reconcile(sql, node.incarnation, [{ id, attempt: 7 }])
  expect(found).toEqual({ returned: [{ id, attempt: 1 }], foreign: [{ id, attempt: 7 }] })
})

test('an unknown row that is being cancelled ends canceled and does not go back', async () => {
  const node = await addNode(sql, 'node-a')
  const [id = 0] = await queueTasks(sql, 1)
  await claim(session, node)
  await sql`update task set state = 'Cancelling', cancel_at = clock_timestamp(), cancel_by = 'ann'`
  await reconcile(sql, node.incarnation, [])
  const [row] = await sql`select state, completed_at, end_id, cause from task where id = ${id}`
  expect(row).toMatchObject({ state: 'Canceled', completed_at: expect.any(Date), end_id: expect.any(String) })
  expect(row?.cause).toContain('never began')
})
