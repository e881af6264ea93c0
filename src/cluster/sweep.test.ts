import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  age,
  emptyCluster,
  endTasks,
  events,
  insertRunning,
  join,
  operator,
  register,
  SLOW,
  untilWaiting,
} from '../../test/support/cluster-room.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { silentLog } from '../lib/log.ts'
import { drainNode, retireNode, undrainNode } from './drain.ts'
import { sweepCluster } from './sweep.ts'
import { readClusterView } from './view.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  await emptyCluster(database.sql)
})

const deps = { node: 'node-b', log: silentLog }
const sweep = () => sweepCluster(database.sql, deps)
const drainOf = async (name: string) =>
  (await readClusterView(database.sql, SLOW)).nodes.find((node) => node.name === name)?.drain
const confirmed = { confirmLastNode: true }
/** Lets the time of the automatic undrain come. */
const letUndrainTimeCome = () =>
  database.sql`update node set undrain_at = clock_timestamp() - interval '1 s' where undrain_at is not null`

test('a drain ends by itself when its time has come, and not before', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  await drainNode(sql, 'node-a', { undrainAt: { inMs: 60_000 }, ...confirmed }, operator, SLOW)
  await sweep()
  expect(await drainOf('node-a')).toBeDefined()
  await letUndrainTimeCome()
  await sweep()
  expect(await drainOf('node-a')).toBeUndefined()
  expect((await events(sql, 'NodeDrainEnded'))[0]).toMatchObject({
    username: 'system',
    before: { IsInMaintenanceMode: true },
  })
})

test('the timer of one drain does nothing to a later one, however late a sweep comes to it', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  await drainNode(sql, 'node-a', { undrainAt: { inMs: 60_000 }, ...confirmed }, operator, SLOW)
  await letUndrainTimeCome()
  let sweeping: Promise<void> | undefined
  // The sweep sees the first drain, and gets its row when the second is on.
  await sql.begin(async (tx) => {
    await tx`select 1 from node where name = 'node-a' for update`
    sweeping = sweep()
    await untilWaiting(sql)
    await tx`update node set drain_number = drain_number + 1, drain_reason = 'the second'`
  })
  await sweeping
  expect(await drainOf('node-a')).toMatchObject({ number: 2, reason: 'the second' })
})

test('a drain that is prolonged while a sweep comes to it goes on', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  await drainNode(sql, 'node-a', { undrainAt: { inMs: 60_000 }, ...confirmed }, operator, SLOW)
  await letUndrainTimeCome()
  let sweeping: Promise<void> | undefined
  await sql.begin(async (tx) => {
    await tx`select 1 from node where name = 'node-a' for update`
    sweeping = sweep()
    await untilWaiting(sql)
    await tx`update node set undrain_at = clock_timestamp() + interval '1 h'`
  })
  await sweeping
  expect(await drainOf('node-a')).toMatchObject({ number: 1 })
})

test('many nodes that sweep at once end a drain once', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  await drainNode(sql, 'node-a', { undrainAt: { inMs: 60_000 }, ...confirmed }, operator, SLOW)
  await letUndrainTimeCome()
  await Promise.all([sweep(), sweep(), sweep(), sweep()])
  expect(await events(sql, 'NodeDrainEnded')).toHaveLength(1)
})

test('that a node is drained is told once for each drain, when its last attempt has ended', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a')
  await insertRunning(sql, a)
  await drainNode(sql, 'node-a', confirmed, operator, SLOW)
  await sweep()
  expect(await events(sql, 'NodeDrained')).toEqual([])
  await endTasks(sql)
  await Promise.all([sweep(), sweep()])
  await sweep()
  expect(await events(sql, 'NodeDrained')).toMatchObject([
    { message: 'Node node-a is drained: no task runs on it any more.' },
  ])
  await undrainNode(sql, 'node-a', operator)
  await drainNode(sql, 'node-a', confirmed, operator, SLOW)
  await sweep()
  expect(await events(sql, 'NodeDrained')).toHaveLength(2)
})

test('a retired node goes when it is drained and its process has stopped, and leaves a tombstone', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a', { taskCap: 2 })
  const id = await insertRunning(sql, a)
  await retireNode(sql, 'node-a', confirmed, operator, SLOW)
  await sweep()
  await endTasks(sql)
  await sweep()
  await sweep()
  expect(await drainOf('node-a')).toMatchObject({ retire: true })
  await sql`update node_beat set goodbye = true`
  await sweep()
  expect((await readClusterView(sql, SLOW)).nodes).toEqual([])
  expect((await events(sql, 'Deleted'))[0]).toMatchObject({ username: 'system' })
  expect(await register(sql, 'node-a')).toMatchObject({ taskCap: 2, isDraining: true })
  expect(id).toBeGreaterThan(0)
  await sweep()
  expect((await readClusterView(sql, SLOW)).nodes).toHaveLength(1)
})

test('beats of incarnations that are over are removed after an hour, unless attempts of theirs are not settled', async () => {
  const { sql } = database
  const old = await join(sql, 'node-a')
  const unsettled = await join(sql, 'node-b')
  await insertRunning(sql, unsettled)
  await sql`update node_beat set lost = true`
  const present = [await register(sql, 'node-a'), await register(sql, 'node-b')]
  await sql`update node_beat set lost_at = clock_timestamp() - interval '2 h' where lost`
  const rows = async () =>
    (await sql<{ incarnation: string }[]>`select incarnation from node_beat order by node, started_at`).map(
      (row) => row.incarnation,
    )
  await sweep()
  expect(await rows()).toContain(old.incarnation)
  for (const { incarnation } of [old, unsettled]) await age(sql, incarnation, 2 * 3_600_000)
  await sweep()
  expect((await rows()).sort()).toEqual(
    [unsettled.incarnation, ...present.map(({ incarnation }) => incarnation)].sort(),
  )
})

test('a dead node keeps its beats for as long as its row is there', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a')
  await sql`update node_beat set lost = true, lost_at = clock_timestamp() - interval '2 h'`
  await age(sql, a.incarnation, 2 * 3_600_000)
  await sweep()
  expect((await readClusterView(sql, SLOW)).nodes[0]).toMatchObject({ status: 'Offline', lastSeen: expect.any(Date) })
})

test('with all nodes drained the timers go on', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  await join(sql, 'node-b')
  await drainNode(sql, 'node-a', { undrainAt: { inMs: 60_000 } }, operator, SLOW)
  await drainNode(sql, 'node-b', { undrainAt: { inMs: 60_000 }, ...confirmed }, operator, SLOW)
  await letUndrainTimeCome()
  await sweep()
  expect([await drainOf('node-a'), await drainOf('node-b')]).toEqual([undefined, undefined])
})
