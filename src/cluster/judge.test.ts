import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  age,
  beat,
  emptyCluster,
  events,
  FAST,
  insertRunning,
  register,
  untilWaiting,
} from '../../test/support/cluster-room.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { systemActor } from '../identity/actor.ts'
import { only } from '../lib/must.ts'
import { tryElect } from './election.ts'
import { type Judgement, markLost } from './judge.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  await emptyCluster(database.sql)
})

const actor = systemActor('judge')
function silence(incarnation: string, beatNumber: number): Judgement {
  return {
    incarnation,
    verdict: { by: 'silence', beat: beatNumber, stillMs: 21_000, leaseDurationMs: FAST.leaseDurationMs },
    actor,
  }
}
function proof(incarnation: string, leavesAttempts = false): Judgement {
  return { incarnation, verdict: { by: 'proof', cause: 'its process is gone.', leavesAttempts }, actor }
}
async function rowOf(incarnation: string) {
  const rows = await database.sql<
    { lost: boolean; proven: boolean; node_lost: boolean | null; cause: string | null; beat: number }[]
  >`
    select b.lost, b.lost_proven as proven, b.lost_cause as cause, b.beat, n.lost as node_lost
    from node_beat b left join node n on n.incarnation = b.incarnation where b.incarnation = ${incarnation}`
  return only(rows)
}

test('a silent incarnation is marked in its beat row and its node row, and then beats no more', async () => {
  const { sql } = database
  const { incarnation } = await register(sql, 'node-a')
  await beat(sql, incarnation)
  await age(sql, incarnation, FAST.leaseDurationMs + 100)
  expect(await markLost(sql, silence(incarnation, 1))).toBe('marked')
  expect(await rowOf(incarnation)).toMatchObject({
    lost: true,
    proven: false,
    node_lost: true,
    cause: 'No heartbeat for 21 s.',
  })
  expect(await beat(sql, incarnation)).toBeUndefined()
  expect(await markLost(sql, silence(incarnation, 1))).toBe('unchanged')
  expect(await events(sql, 'NodeLost')).toMatchObject([
    {
      message: 'Node node-a was lost: No heartbeat for 21 s.',
      related: ['OctopusServerNodes-node-a'],
      after: { Lost: true, Proven: false },
    },
  ])
})

test('an observer alone marks nobody: the clock must agree, and the beat must still be the one that was counted', async () => {
  const { sql } = database
  const { incarnation } = await register(sql, 'node-a')
  await beat(sql, incarnation)
  expect(await markLost(sql, silence(incarnation, 1))).toBe('unchanged')
  await age(sql, incarnation, FAST.leaseDurationMs + 100)
  expect(await markLost(sql, silence(incarnation, 0))).toBe('unchanged')
  expect(await rowOf(incarnation)).toMatchObject({ lost: false, node_lost: false })
})

test('where the clock was set back, the count decides alone', async () => {
  const { sql } = database
  const { incarnation } = await register(sql, 'node-a')
  await age(sql, incarnation, -3_600_000)
  expect(await markLost(sql, silence(incarnation, 0))).toBe('marked')
})

test('mark and beat exclude each other: a beat that was first saves the incarnation', async () => {
  const { sql } = database
  const { incarnation } = await register(sql, 'node-a')
  await age(sql, incarnation, FAST.leaseDurationMs + 100)
  let marking: Promise<string> | undefined
  await sql.begin(async (tx) => {
    await tx`update node_beat set beat = beat + 1, last_seen = clock_timestamp() where incarnation = ${incarnation}`
    marking = markLost(sql, silence(incarnation, 0))
    await untilWaiting(sql)
  })
  expect(await marking).toBe('unchanged')
})

test('mark and beat exclude each other: a beat that comes while the mark is being made finds no row', async () => {
  const { sql } = database
  const { incarnation } = await register(sql, 'node-a')
  await age(sql, incarnation, FAST.leaseDurationMs + 100)
  let beating: Promise<number | undefined> | undefined
  await sql.begin(async (tx) => {
    await tx`update node_beat set lost = true where incarnation = ${incarnation}`
    beating = beat(sql, incarnation)
    await untilWaiting(sql)
  })
  expect(await beating).toBeUndefined()
})

test('the mark waits for a claim that is open, so that settling sees what it took', async () => {
  const { sql } = database
  const { incarnation } = await register(sql, 'node-a')
  let marking: Promise<string> | undefined
  await sql.begin(async (tx) => {
    await tx`select 1 from node where name = 'node-a' for share`
    marking = markLost(sql, proof(incarnation))
    await untilWaiting(sql)
    await tx`
      insert into task (kind, state, expiry_ms, expires_at, when_lost, task_lease_ms, node, incarnation)
      values ('Late', 'Executing', 1, clock_timestamp(), 'fail', 1, 'node-a', ${incarnation})`
  })
  expect(await marking).toBe('marked')
  expect(await sql`select 1 from task where incarnation = ${incarnation}`).toHaveLength(1)
})

test('a proof marks an incarnation that has just beaten, and one that said goodbye is left alone', async () => {
  const { sql } = database
  const a = await register(sql, 'node-a')
  const b = await register(sql, 'node-b')
  await beat(sql, a.incarnation)
  await sql`update node_beat set goodbye = true where incarnation = ${b.incarnation}`
  expect(await markLost(sql, proof(a.incarnation))).toBe('marked')
  expect(await rowOf(a.incarnation)).toMatchObject({ lost: true, proven: true, cause: 'its process is gone.' })
  expect(await markLost(sql, proof(b.incarnation))).toBe('unchanged')
})

test('a silence that is proven later is told once more; proven is proven', async () => {
  const { sql } = database
  const { incarnation } = await register(sql, 'node-a')
  await age(sql, incarnation, FAST.leaseDurationMs + 100)
  await markLost(sql, silence(incarnation, 0))
  expect(await markLost(sql, proof(incarnation, true))).toBe('unchanged')
  expect(await markLost(sql, proof(incarnation))).toBe('proven')
  expect(await markLost(sql, proof(incarnation))).toBe('unchanged')
  expect((await rowOf(incarnation)).proven).toBe(true)
})

test('a death that leaves attempts behind is a mark, but no proof that they are over', async () => {
  const { sql } = database
  const { incarnation } = await register(sql, 'node-a')
  expect(await markLost(sql, proof(incarnation, true))).toBe('marked')
  expect(await rowOf(incarnation)).toMatchObject({ lost: true, proven: false })
})

test('a leader that is marked leads no more, and the next election names its death', async () => {
  const { sql } = database
  const [a, b] = [await register(sql, 'node-a'), await register(sql, 'node-b')]
  await Promise.all([beat(sql, a.incarnation), beat(sql, b.incarnation)])
  const term = await tryElect(sql, { ...a, silentHolder: undefined }, FAST)
  await insertRunning(sql, a)
  await markLost(sql, proof(a.incarnation))
  expect(await sql`select node, incarnation from leadership`).toEqual([{ node: null, incarnation: null }])
  expect(await events(sql, 'LeaderReleased')).toMatchObject([{ message: 'Node node-a gave up the lead: it died.' }])
  expect(await tryElect(sql, { ...b, silentHolder: undefined }, FAST)).toBe((term ?? 0) + 1)
  expect((await events(sql, 'LeaderElected')).at(-1)?.message).toBe('Node node-b leads: node-a died.')
})
