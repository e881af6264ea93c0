import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  age,
  emptyCluster,
  events,
  insertRunning,
  join,
  leadOf,
  operator,
  register,
  SLOW,
  untilWaiting,
} from '../../test/support/cluster-room.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { must } from '../lib/must.ts'
import { drainNode, editNode, retireNode, setTaskCap, undrainNode } from './drain.ts'
import { readClusterView } from './view.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  await emptyCluster(database.sql)
})

async function nodeView(name: string) {
  const view = await readClusterView(database.sql, SLOW)
  return must(view.nodes.find((node) => node.name === name))
}

test('a drained node shows who drained it, why, since when and for how long, and undraining ends it', async () => {
  const { sql } = database
  const [a] = [await join(sql, 'node-a'), await join(sql, 'node-b')]
  const id = await insertRunning(sql, a)
  await drainNode(
    sql,
    'OctopusServerNodes-NODE-A',
    { reason: 'patching', deadline: { inMs: 3_600_000 }, cancelAtDeadline: true },
    operator,
    SLOW,
  )
  expect(await nodeView('node-a')).toMatchObject({
    status: 'Draining',
    canClaim: false,
    running: 1,
    drain: {
      number: 1,
      reason: 'patching',
      by: 'olga',
      since: expect.any(Date),
      deadline: expect.any(Date),
      cancelAtDeadline: true,
      undrainAt: undefined,
      retire: false,
    },
  })
  await sql`update task set state = 'Success' where id = ${id}`
  expect((await nodeView('node-a')).status).toBe('Drained')
  await undrainNode(sql, 'node-a', operator)
  expect(await nodeView('node-a')).toMatchObject({ status: 'Online', canClaim: true, drain: undefined, drainNumber: 1 })
  expect((await events(sql)).slice(-2)).toMatchObject([
    {
      category: 'NodeDrainStarted',
      message: 'Node node-a is being drained: patching.',
      username: 'olga',
      related: ['OctopusServerNodes-node-a'],
      before: { IsInMaintenanceMode: false, MaxConcurrentTasks: 5 },
      after: { IsInMaintenanceMode: true, DrainReason: 'patching', CancelAtDeadline: true },
    },
    { category: 'NodeDrainEnded', before: { IsInMaintenanceMode: true }, after: { IsInMaintenanceMode: false } },
  ])
})

test('draining again while it drains changes the options, keeps the beginning and asks for no confirmation', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  await drainNode(sql, 'node-a', { reason: 'first', confirmLastNode: true }, operator, SLOW)
  const first = must((await nodeView('node-a')).drain)
  await drainNode(sql, 'node-a', { undrainAt: { inMs: 60_000 } }, { ...operator, username: 'otto' }, SLOW)
  expect((await nodeView('node-a')).drain).toEqual({ ...first, undrainAt: expect.any(Date) })
  await drainNode(sql, 'node-a', { reason: 'second', undrainAt: null }, operator, SLOW)
  expect((await nodeView('node-a')).drain).toEqual({ ...first, reason: 'second' })
  expect((await events(sql)).map(({ category }) => category).slice(-3)).toEqual([
    'NodeDrainStarted',
    'Modified',
    'Modified',
  ])
})

test('each drain has its own number', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  for (const number of [1, 2, 3]) {
    await drainNode(sql, 'node-a', { confirmLastNode: true }, operator, SLOW)
    expect((await nodeView('node-a')).drain?.number).toBe(number)
    await undrainNode(sql, 'node-a', operator)
  }
})

test('draining the last node asks for a confirmation, and changes nothing without it', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  await join(sql, 'node-b')
  await drainNode(sql, 'node-b', {}, operator, SLOW)
  await expect(drainNode(sql, 'node-a', { reason: 'oops' }, operator, SLOW)).rejects.toMatchObject({
    code: 'Conflict',
    details: { Confirmation: 'ConfirmLastNode' },
    message: expect.stringContaining('No other node than node-a is online and undrained'),
  })
  expect((await nodeView('node-a')).drain).toBeUndefined()
  await drainNode(sql, 'node-a', { confirmLastNode: true }, operator, SLOW)
  expect((await nodeView('node-a')).status).toBe('Drained')
})

test('nodes that are offline do not count as another: stopped, marked, silent or deleted', async () => {
  const { sql } = database
  const b = await join(sql, 'node-b')
  await join(sql, 'node-a')
  const refused = () => expect(drainNode(sql, 'node-a', {}, operator, SLOW)).rejects.toMatchObject({ code: 'Conflict' })
  await sql`update node_beat set goodbye = true where node = 'node-b'`
  await refused()
  await sql`update node_beat set goodbye = false, lost = true where node = 'node-b'`
  await refused()
  await sql`update node_beat set lost = false where node = 'node-b'`
  await age(sql, b.incarnation, SLOW.leaseDurationMs + 1000)
  await refused()
  await age(sql, b.incarnation, 0)
  await drainNode(sql, 'node-a', {}, operator, SLOW)
})

test('two drains at once do not each take the other node for the one that stays', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  await join(sql, 'node-b')
  const results = await Promise.allSettled(['node-a', 'node-b'].map((name) => drainNode(sql, name, {}, operator, SLOW)))
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})

test('a drain waits for a claim that is open, so that nothing is claimed once it was answered', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  let isDrained = false
  let drain: Promise<void> | undefined
  await sql.begin(async (tx) => {
    await tx`select 1 from node where name = 'node-a' for share`
    drain = drainNode(sql, 'node-a', { confirmLastNode: true }, operator, SLOW).then(() => {
      isDrained = true
    })
    await untilWaiting(sql)
    expect(isDrained).toBe(false)
  })
  await drain
  expect(isDrained).toBe(true)
})

test('a drain that is refused leaves the lead where it is', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a')
  await sql`update leadership set term = 3, node = 'node-a', incarnation = ${a.incarnation}`
  await expect(drainNode(sql, 'node-a', {}, operator, SLOW)).rejects.toMatchObject({ code: 'Conflict' })
  expect((await leadOf(sql)).node).toBe('node-a')
})

test('undraining a node that is not drained changes nothing and tells nothing', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  const before = await events(sql)
  await undrainNode(sql, 'node-a', operator)
  expect(await events(sql)).toEqual(before)
})

test('the task cap is changed live, with before and after in the audit trail; the same again tells nothing', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  await setTaskCap(sql, 'node-a', 0, operator)
  await setTaskCap(sql, 'node-a', 0, operator)
  expect((await nodeView('node-a')).taskCap).toBe(0)
  expect(await events(sql, 'Modified')).toMatchObject([
    {
      message: 'The task cap of node node-a was changed from 5 to 0.',
      before: { MaxConcurrentTasks: 5 },
      after: { MaxConcurrentTasks: 0 },
    },
  ])
})

test('a task cap that is none is refused with a sentence and changes nothing', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  for (const cap of [-1, 1.5, 1001, 1e9, Number.NaN]) {
    await expect(setTaskCap(sql, 'node-a', cap, operator)).rejects.toMatchObject({
      code: 'BadRequest',
      message: expect.stringContaining('0 to 1000'),
    })
  }
  expect((await nodeView('node-a')).taskCap).toBe(5)
})

test('a node that is not there is not found, whatever is asked of it', async () => {
  const { sql } = database
  const missing = { code: 'NotFound', message: 'There is no node nowhere.' }
  await expect(drainNode(sql, 'nowhere', {}, operator, SLOW)).rejects.toMatchObject(missing)
  await expect(undrainNode(sql, 'OctopusServerNodes-nowhere', operator)).rejects.toMatchObject(missing)
  await expect(setTaskCap(sql, 'nowhere', 3, operator)).rejects.toMatchObject(missing)
})

test('an edit of cap and drain is made whole or not at all', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  await expect(editNode(sql, 'node-a', { taskCap: 9, drain: true }, operator, SLOW)).rejects.toMatchObject({
    code: 'Conflict',
  })
  expect(await nodeView('node-a')).toMatchObject({ taskCap: 5, drain: undefined })
  await editNode(sql, 'node-a', { taskCap: 9, drain: true, confirmLastNode: true }, operator, SLOW)
  expect(await nodeView('node-a')).toMatchObject({ taskCap: 9, drain: { number: 1 } })
  await editNode(sql, 'node-a', { drain: false }, operator, SLOW)
  expect(await nodeView('node-a')).toMatchObject({ taskCap: 9, drain: undefined })
})

test('retiring is a drain for good; undraining calls it off', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  await register(sql, 'node-b')
  await drainNode(sql, 'node-a', { reason: 'patching', confirmLastNode: true }, operator, SLOW)
  await retireNode(sql, 'node-a', {}, operator, SLOW)
  expect((await nodeView('node-a')).drain).toMatchObject({ number: 1, retire: true, reason: 'patching' })
  await drainNode(sql, 'node-a', { reason: 'other' }, operator, SLOW)
  expect((await nodeView('node-a')).drain?.retire).toBe(true)
  await undrainNode(sql, 'node-a', operator)
  await drainNode(sql, 'node-a', { confirmLastNode: true }, operator, SLOW)
  expect((await nodeView('node-a')).drain?.retire).toBe(false)
})
