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
import type { Registration } from './register.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  await emptyCluster(database.sql)
})

async function stand(node: Registration, silentHolder?: Registration) {
  return tryElect(database.sql, { ...node, silentHolder: silentHolder?.incarnation }, SLOW)
}

test('the first node leads, in a term that carries the timeline of the server', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a')
  expect(await stand(a)).toBe(1_000_000_001)
  expect(await leadOf(sql)).toEqual({ term: 1_000_000_001, node: 'node-a', incarnation: a.incarnation })
  expect(await events(sql, 'LeaderElected')).toMatchObject([
    {
      message: 'Node node-a leads: first node.',
      before: { Leader: null, Term: 0 },
      after: { Leader: 'node-a', Term: 1_000_000_001, Cause: 'first node' },
    },
  ])
})

test('a term never goes back, and a server on an older timeline than its own elects nobody', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a')
  await sql`update leadership set term = 1000000041`
  expect(await stand(a)).toBe(1_000_000_042)
  await sql`update leadership set term = 2000000007, node = null, incarnation = null`
  expect(await stand(a)).toBeUndefined()
  expect((await leadOf(sql)).term).toBe(2_000_000_007)
})

test('of many that stand at once exactly one is elected, and only once', async () => {
  const { sql } = database
  const nodes = await Promise.all(['node-a', 'node-b', 'node-c', 'node-d'].map((name) => join(sql, name)))
  const terms = await Promise.all(nodes.map((node) => stand(node)))
  expect(terms.filter((won) => won !== undefined)).toEqual([1_000_000_001])
  expect(await events(sql, 'LeaderElected')).toHaveLength(1)
})

test('a live leader is not replaced, whatever another node believes of it', async () => {
  const { sql } = database
  const [a, b] = [await join(sql, 'node-a'), await join(sql, 'node-b')]
  await stand(a)
  expect(await stand(b)).toBeUndefined()
  expect(await stand(b, a)).toBeUndefined()
})

test('the silence of one holder says nothing of another', async () => {
  const { sql } = database
  const [a, b, c] = [await join(sql, 'node-a'), await join(sql, 'node-b'), await join(sql, 'node-c')]
  await stand(a)
  await age(sql, a.incarnation, SLOW.leaseDurationMs + 1000)
  expect(await stand(c, b)).toBeUndefined()
  expect(await stand(c, a)).toBeDefined()
})

test('a silent leader is replaced when observer and clock agree, and the cause is its lease', async () => {
  const { sql } = database
  const [a, b] = [await join(sql, 'node-a'), await join(sql, 'node-b')]
  const first = await stand(a)
  await age(sql, a.incarnation, SLOW.leaseDurationMs + 1000)
  expect(await stand(b)).toBeUndefined()
  expect(await stand(b, a)).toBe((first ?? 0) + 1)
  expect((await events(sql, 'LeaderElected')).at(-1)).toMatchObject({
    message: 'Node node-b leads: the lease of node-a expired.',
    before: { Leader: 'node-a' },
  })
})

test('a leader that said goodbye is replaced at once', async () => {
  const { sql } = database
  const [a, b] = [await join(sql, 'node-a'), await join(sql, 'node-b')]
  await stand(a)
  await sql`update node_beat set goodbye = true where incarnation = ${a.incarnation}`
  expect(await stand(b)).toBeDefined()
  expect((await events(sql, 'LeaderElected')).at(-1)?.message).toBe('Node node-b leads: node-a was stopped.')
})

test('a node that is drained, marked or itself silent is not elected', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a')
  await sql`update node set drain = true`
  expect(await stand(a)).toBeUndefined()
  await sql`update node set drain = false, lost = true`
  expect(await stand(a)).toBeUndefined()
  await sql`update node set lost = false`
  await age(sql, a.incarnation, SLOW.leaseDurationMs + 1000)
  expect(await stand(a)).toBeUndefined()
})

test('an incarnation that has been replaced is not elected', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a')
  await sql`update node set incarnation = gen_random_uuid()`
  expect(await stand(a)).toBeUndefined()
})

test('an election that meets a drain in the making waits for it, and then loses', async () => {
  const { sql } = database
  const [a] = [await join(sql, 'node-a'), await join(sql, 'node-b')]
  let election: Promise<number | undefined> | undefined
  await sql.begin(async (tx) => {
    await tx`update node set drain = true where name = 'node-a'`
    election = stand(a)
    await untilWaiting(sql)
  })
  expect(await election).toBeUndefined()
  expect((await leadOf(sql)).node).toBeNull()
})

test('drains and elections that meet by chance never leave a drained node leading', async () => {
  const { sql } = database
  const [a, b] = [await join(sql, 'node-a'), await join(sql, 'node-b')]
  for (let round = 0; round < 30; round += 1) {
    await sql`update node set drain = false`
    await sql`update leadership set node = null, incarnation = null`
    await Promise.all([stand(a), drainNode(sql, 'node-a', { confirmLastNode: true }, operator, SLOW), stand(b)])
    expect((await leadOf(sql)).node).not.toBe('node-a')
  }
})

test('a node with task cap 0 leads only until another can', async () => {
  const { sql } = database
  const a = await join(sql, 'node-a', { taskCap: 0 })
  expect(await stand(a)).toBeDefined()
  const b = await join(sql, 'node-b')
  expect(await stand(b)).toBeDefined()
  expect((await events(sql, 'LeaderElected')).at(-1)?.message).toBe('Node node-b leads: node-a has task cap 0.')
  expect(await stand(a)).toBeUndefined()
})
