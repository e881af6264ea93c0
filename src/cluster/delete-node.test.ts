import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  age,
  beat,
  emptyCluster,
  endTasks,
  events,
  insertRunning,
  join,
  leadOf,
  operator,
  register,
  SLOW,
} from '../../test/support/cluster-room.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { deleteNode } from './delete-node.ts'
import { drainNode, setTaskCap } from './drain.ts'
import { readClusterView } from './view.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  await emptyCluster(database.sql)
})

const names = async () => (await readClusterView(database.sql, SLOW)).nodes.map(({ name }) => name)
const goodbye = (incarnation: string) =>
  database.sql`update node_beat set goodbye = true where incarnation = ${incarnation}`

test('an online node is not deleted: 409, and nothing is changed', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  await expect(deleteNode(sql, 'node-a', {}, operator, SLOW)).rejects.toMatchObject({
    code: 'Conflict',
    message: expect.stringContaining('Node node-a is online'),
  })
  expect(await names()).toEqual(['node-a'])
})

test('a node with attempts that are not settled is not deleted', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a')
  await insertRunning(sql, a)
  await goodbye(a.incarnation)
  await expect(deleteNode(sql, 'node-a', {}, operator, SLOW)).rejects.toMatchObject({
    code: 'Conflict',
    message: expect.stringContaining('1 task of node node-a is not settled yet'),
  })
  await endTasks(sql)
  await deleteNode(sql, 'node-a', {}, operator, SLOW)
  expect(await names()).toEqual([])
})

test('a start under a deleted name takes over its cap and its drain', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a', { taskCap: 3 })
  await setTaskCap(sql, 'node-a', 8, operator)
  await drainNode(sql, 'node-a', { reason: 'patching', confirmLastNode: true }, operator, SLOW)
  await goodbye(a.incarnation)
  await deleteNode(sql, 'node-a', {}, operator, SLOW)
  expect(await names()).toEqual([])
  expect((await events(sql, 'Deleted'))[0]).toMatchObject({
    message: expect.stringContaining('is kept'),
    before: { MaxConcurrentTasks: 8, DrainReason: 'patching' },
  })
  const again = await register(sql, 'node-a', { taskCap: 3 })
  expect(again).toMatchObject({ cause: 'start after it was deleted', taskCap: 8, isDraining: true })
  expect((await readClusterView(sql, SLOW)).nodes[0]?.drain).toMatchObject({ number: 1, reason: 'patching' })
})

test('a forgotten node begins anew', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a', { taskCap: 3, drained: true })
  await goodbye(a.incarnation)
  await deleteNode(sql, 'node-a', { forget: true }, operator, SLOW)
  expect(await register(sql, 'node-a', { taskCap: 4 })).toMatchObject({
    cause: 'first start',
    taskCap: 4,
    isDraining: false,
  })
})

test('a silent process whose node is deleted can neither beat nor lead, and comes back as another', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a')
  await sql`update leadership set term = 3, node = 'node-a', incarnation = ${a.incarnation}`
  await age(sql, a.incarnation, SLOW.leaseDurationMs + 1000)
  await deleteNode(sql, 'node-a', {}, operator, SLOW)
  expect(await beat(sql, a.incarnation)).toBeUndefined()
  expect((await leadOf(sql)).node).toBeNull()
  expect((await events(sql, 'LeaderReleased'))[0]).toMatchObject({ after: { Cause: 'deleted' } })
  const again = await register(sql, 'node-a', { former: { incarnation: a.incarnation, self: undefined } })
  expect(again.incarnation).not.toBe(a.incarnation)
})

test('a node that is not there, and one that was deleted, are not found', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a')
  await goodbye(a.incarnation)
  await deleteNode(sql, 'node-a', {}, operator, SLOW)
  for (const name of ['node-a', 'node-b']) {
    await expect(deleteNode(sql, name, {}, operator, SLOW)).rejects.toMatchObject({ code: 'NotFound' })
  }
})
