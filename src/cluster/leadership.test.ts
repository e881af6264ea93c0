import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  age,
  emptyCluster,
  events,
  join,
  leadOf,
  operator,
  SLOW,
  untilWaiting,
} from '../../test/support/cluster-room.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { drainNode } from './drain.ts'
import { tryElect } from './election.ts'
import { announceStop, describeLeadership, leaderFence, stepDown } from './leadership.ts'
import type { Registration } from './register.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  await emptyCluster(database.sql)
  await database.sql`drop table if exists act`
  await database.sql`create table act (term bigint)`
})

async function elect(node: Registration): Promise<number> {
  const won = await tryElect(database.sql, { ...node, silentHolder: undefined }, SLOW)
  if (won === undefined) throw new Error(`${node.node} was not elected`)
  return won
}

/** A leader's act: one autocommitted statement behind the fence. */
async function act(incarnation: string, term: number): Promise<boolean> {
  const { sql } = database
  const rows = await sql`
    with fence as materialized (${leaderFence(sql, incarnation, term)}) insert into act select term from fence returning 1`
  return rows.length === 1
}

test('the leader acts in its term; a deposed leader, a wrong term and another incarnation do nothing', async () => {
  const { sql } = database
  const [a, b] = [await join(sql, 'node-a'), await join(sql, 'node-b')]
  const first = await elect(a)
  expect(await act(a.incarnation, first)).toBe(true)
  expect(await act(a.incarnation, first + 1)).toBe(false)
  expect(await act(b.incarnation, first)).toBe(false)
  await stepDown(sql, operator)
  expect(await act(a.incarnation, first)).toBe(false)
  const second = await elect(b)
  expect(await act(a.incarnation, first)).toBe(false)
  expect(await act(b.incarnation, second)).toBe(true)
  expect(await sql`select term from act`).toEqual([{ term: first }, { term: second }])
})

test('a takeover waits for an act in progress, and an act that comes after it is refused', async () => {
  const { sql } = database
  const [a, b] = [await join(sql, 'node-a'), await join(sql, 'node-b')]
  const first = await elect(a)
  await age(sql, a.incarnation, SLOW.leaseDurationMs + 1000)
  let takeover: Promise<number | undefined> | undefined
  let isTaken = false
  await sql.begin(async (tx) => {
    await tx`with fence as materialized (${leaderFence(tx, a.incarnation, first)}) insert into act select term from fence`
    takeover = tryElect(sql, { ...b, silentHolder: a.incarnation }, SLOW)
    void takeover.then(() => {
      isTaken = true
    })
    await untilWaiting(sql)
    expect(isTaken).toBe(false)
  })
  expect(await takeover).toBe(first + 1)
  expect(await act(a.incarnation, first)).toBe(false)
})

test('any change of the lead, however it is written, waits for an act in progress', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a')
  const term = await elect(a)
  let isChanged = false
  let change: Promise<void> | undefined
  await sql.begin(async (tx) => {
    await tx`with fence as materialized (${leaderFence(tx, a.incarnation, term)}) insert into act select term from fence`
    change = sql`update leadership set term = term + 1`.then(() => {
      isChanged = true
    })
    await untilWaiting(sql)
    expect(isChanged).toBe(false)
  })
  await change
  expect(await act(a.incarnation, term)).toBe(false)
})

test('who steps down gives the lead up with its reason, and does not take it back while another can', async () => {
  const { sql } = database
  const [a, b] = [await join(sql, 'node-a'), await join(sql, 'node-b')]
  const first = await elect(a)
  await stepDown(sql, operator, 'testing the handover')
  expect(await leadOf(sql)).toEqual({ term: first, node: null, incarnation: null })
  expect(await tryElect(sql, { ...a, silentHolder: undefined }, SLOW)).toBeUndefined()
  expect(await elect(b)).toBe(first + 1)
  expect(await events(sql, 'LeaderReleased')).toMatchObject([
    {
      message: 'Node node-a gave up the lead: it stepped down (testing the handover).',
      username: 'olga',
      after: { Cause: 'stepped down' },
    },
  ])
  expect((await events(sql, 'LeaderElected')).at(-1)?.message).toBe('Node node-b leads: node-a stepped down.')
})

test('a lone node that stepped down takes the lead back, in a higher term', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a')
  const first = await elect(a)
  await stepDown(sql, operator)
  expect(await elect(a)).toBe(first + 1)
})

test('without a leader nobody can step down: 409', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  await expect(stepDown(sql, operator)).rejects.toMatchObject({
    code: 'Conflict',
    message: expect.stringContaining('no leader'),
  })
  expect(await events(sql, 'LeaderReleased')).toEqual([])
})

test("a drain gives up the lead in the same transaction, and a stop gives up one's own", async () => {
  const { sql } = database
  const [a, b] = [await join(sql, 'node-a'), await join(sql, 'node-b')]
  await elect(a)
  await drainNode(sql, 'node-a', {}, operator, SLOW)
  expect((await leadOf(sql)).node).toBeNull()
  await elect(b)
  expect((await events(sql, 'LeaderElected')).at(-1)?.message).toBe('Node node-b leads: node-a was drained.')
  await announceStop(sql, 'node-a')
  expect((await leadOf(sql)).node).toBe('node-b')
  await announceStop(sql, 'node-b')
  expect((await leadOf(sql)).node).toBeNull()
  expect((await events(sql, 'NodeStopped')).map(({ message }) => message)).toEqual([
    'Node node-a is being stopped in order.',
    'Node node-b is being stopped in order.',
  ])
  expect((await events(sql, 'LeaderReleased')).map(({ after }) => after?.Cause)).toEqual(['drained', 'stopped'])
})

test('the description names nobody while the holder is silent, stopped, marked or in drain', async () => {
  const { sql } = database
  expect(await describeLeadership(sql, SLOW)).toEqual({ term: 0, node: undefined, since: undefined })
  const a = await join(sql, 'node-a')
  const term = await elect(a)
  expect(await describeLeadership(sql, SLOW)).toEqual({ term, node: 'node-a', since: expect.any(Date) })
  const nobody = { term, node: undefined, since: undefined }
  await age(sql, a.incarnation, SLOW.leaseDurationMs + 1000)
  expect(await describeLeadership(sql, SLOW)).toEqual(nobody)
  await age(sql, a.incarnation, 0)
  for (const fault of ['goodbye', 'lost']) {
    await sql`update node_beat set ${sql({ [fault]: true })}`
    expect(await describeLeadership(sql, SLOW)).toEqual(nobody)
    await sql`update node_beat set ${sql({ [fault]: false })}`
  }
  await sql`update node set drain = true`
  expect(await describeLeadership(sql, SLOW)).toEqual(nobody)
})
