import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { age, emptyCluster, events, join, operator, SLOW } from '../../test/support/cluster-room.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { declareDead } from './declare-dead.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  await emptyCluster(database.sql)
})

const isMarked = async (incarnation: string) =>
  await database.sql`select lost, lost_proven, lost_cause from node_beat where incarnation = ${incarnation}`

test('a silent node is declared dead by its name in any case, which counts as proof', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a')
  await age(sql, a.incarnation, SLOW.leaseDurationMs + 1000)
  await declareDead(sql, 'OctopusServerNodes-node-a', 'NODE-A', operator, SLOW)
  expect(await isMarked(a.incarnation)).toEqual([
    { lost: true, lost_proven: true, lost_cause: 'olga declared it dead.' },
  ])
  await declareDead(sql, 'node-a', 'node-a', operator, SLOW)
  expect(await events(sql, 'NodeLost')).toMatchObject([{ username: 'olga', after: { Proven: true } }])
})

test('a node that was only marked for its silence is now known to be dead', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a')
  await sql`update node_beat set lost = true, lost_cause = 'No heartbeat for 20 s.'`
  await declareDead(sql, 'node-a', 'node-a', operator, SLOW)
  expect(await isMarked(a.incarnation)).toMatchObject([{ lost_proven: true }])
})

test('a node that beats is alive: 409; without its name repeated it is a 400; a stopped one has nothing to declare', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a')
  await expect(declareDead(sql, 'node-a', 'node-a', operator, SLOW)).rejects.toMatchObject({
    code: 'Conflict',
    message: expect.stringContaining('is alive'),
  })
  await age(sql, a.incarnation, SLOW.leaseDurationMs + 1000)
  for (const confirm of ['', 'node-b']) {
    await expect(declareDead(sql, 'node-a', confirm, operator, SLOW)).rejects.toMatchObject({ code: 'BadRequest' })
  }
  await sql`update node_beat set goodbye = true`
  await expect(declareDead(sql, 'node-a', 'node-a', operator, SLOW)).rejects.toMatchObject({
    code: 'Conflict',
    message: expect.stringContaining('stopped in order'),
  })
  await expect(declareDead(sql, 'node-x', 'node-x', operator, SLOW)).rejects.toMatchObject({ code: 'NotFound' })
  expect(await isMarked(a.incarnation)).toMatchObject([{ lost: false }])
})
