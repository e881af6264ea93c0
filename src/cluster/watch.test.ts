import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Member, type MemberOptions, startMember } from '../../test/support/cluster-member.ts'
import {
  beat,
  emptyCluster,
  events,
  FAST,
  insertRunning,
  leadOf,
  operator,
  SLOW,
} from '../../test/support/cluster-room.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { until } from '../../test/support/until.ts'
import { connect } from '../database/connect.ts'
import { systemClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { only } from '../lib/must.ts'
import { drainNode } from './drain.ts'
import { stepDown } from './leadership.ts'
import type { Timings } from './timings.ts'
import type { ClusterView } from './view.ts'
import { createClusterWatch } from './watch.ts'

let database: TestDatabase
let members: Member[] = []
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  await emptyCluster(database.sql)
})
afterEach(async () => {
  await Promise.all(members.map((member) => member.close()))
  members = []
})

async function start(name: string, options: MemberOptions = {}): Promise<Member> {
  const member = await startMember(database, name, options)
  members.push(member)
  return member
}

/** Only proof tells here: no silence lasts long enough. */
const ONLY_PROOF: Timings = {
  ...SLOW,
  heartbeatIntervalMs: 100,
  taskLeaseMs: { fail: 90_000, rerun: 90_000, resume: 90_000 },
}

/** Ticks over and over until it holds. */
async function tickUntil(
  what: string,
  ticking: readonly Member[],
  condition: () => Promise<boolean> | boolean,
): Promise<void> {
  await until(what, async () => {
    await Promise.all(ticking.map(({ watch }) => watch.tick()))
    return condition()
  })
}
async function markOf({ registration }: Member) {
  const rows = await database.sql<{ lost: boolean; proven: boolean; cause: string | null; age: number | null }[]>`
    select lost, lost_proven as proven, lost_cause as cause, extract(epoch from lost_at - last_seen)::float8 * 1000 as age
    from node_beat where incarnation = ${registration.incarnation}`
  return only(rows)
}

test('the first node leads after its first tick, and the others follow', async () => {
  const a = await start('node-a')
  expect(a.watch.isLeader()).toBe(false)
  expect(a.watch.ageMs()).toBe(Number.POSITIVE_INFINITY)
  await a.watch.tick()
  expect(a.watch.isLeader()).toBe(true)
  expect(a.watch.term()).toBe(1_000_000_001)
  const b = await start('node-b')
  await b.watch.tick()
  expect(b.watch.isLeader()).toBe(false)
  expect(b.watch.view()?.leadership).toMatchObject({ leader: 'node-a', term: 1_000_000_001 })
  expect(b.watch.view()?.nodes.map(({ name, isLeader }) => [name, isLeader])).toEqual([
    ['node-a', true],
    ['node-b', false],
  ])
  expect(b.watch.ageMs()).toBeLessThan(5000)
})

test('the seed: B drained, A offline, C leads', async () => {
  const [a, b, c] = [
    await start('node-a', { timings: SLOW }),
    await start('node-b', { timings: SLOW }),
    await start('node-c', { timings: SLOW }),
  ]
  for (const member of [a, b, c]) await member.watch.tick()
  expect(a.watch.isLeader()).toBe(true)
  await drainNode(database.sql, 'node-b', { reason: 'patching' }, operator, SLOW)
  await a.goodbye()
  await b.watch.tick()
  await c.watch.tick()
  await b.watch.tick()
  expect([a, b, c].map(({ watch }) => watch.isLeader())).toEqual([false, false, true])
  expect((await events(database.sql, 'LeaderElected')).map(({ message }) => message)).toEqual([
    'Node node-a leads: first node.',
    'Node node-c leads: node-a was stopped.',
  ])
})

test('a node that is stopping does not stand', async () => {
  const a = await start('node-a')
  a.setStopping()
  await a.watch.tick()
  expect((await leadOf(database.sql)).node).toBeNull()
})

test('a leader whose lease is no longer trusted, or whose view is old, is none', async () => {
  const a = await start('node-a')
  await a.watch.tick()
  expect(a.watch.isLeader()).toBe(true)
  await a.stopBeating()
  expect(a.watch.isLeader()).toBe(false)
  const b = await start('node-b')
  await drainNode(database.sql, 'node-a', {}, operator, FAST)
  await b.watch.tick()
  expect(b.watch.isLeader()).toBe(true)
  await until('the end of the trust in an old view', () => !b.watch.isLeader())
  await b.watch.tick()
  expect(b.watch.isLeader()).toBe(true)
})

test("a death is proven and marked within moments of the link's end, and the lead moves with it", async () => {
  const [a, b] = [await start('node-a', { timings: ONLY_PROOF }), await start('node-b', { timings: ONLY_PROOF })]
  await a.watch.tick()
  await b.watch.tick()
  await until('the link', () => a.links() > 0)
  await a.die()
  await until('the mark', async () => (await markOf(a)).lost)
  expect(await markOf(a)).toMatchObject({
    proven: true,
    cause: expect.stringContaining('refuses connections and its presence lock is free'),
  })
  await until('the next leader', () => b.watch.isLeader())
  expect((await events(database.sql, 'LeaderElected')).at(-1)?.message).toBe('Node node-b leads: node-a died.')
})

test('a lost session alone proves nothing: a node that still listens is not marked', async () => {
  const [a, b] = [await start('node-a', { timings: ONLY_PROOF }), await start('node-b', { timings: ONLY_PROOF })]
  await b.watch.tick()
  await a.stopBeating()
  for (let tick = 0; tick < 8; tick += 1) {
    await systemClock.sleep(100)
    await b.watch.tick()
  }
  expect(await markOf(a)).toMatchObject({ lost: false })
})

test('a closed listener alone proves nothing: a node whose presence lock is held is not marked', async () => {
  const [a, b] = [await start('node-a', { timings: ONLY_PROOF }), await start('node-b', { timings: ONLY_PROOF })]
  await b.watch.tick()
  await until('the link', () => a.links() > 0)
  await a.stopListening()
  for (let tick = 0; tick < 8; tick += 1) {
    await systemClock.sleep(100)
    await b.watch.tick()
  }
  expect(await markOf(a)).toMatchObject({ lost: false })
})

test('without a link a death is noticed by the missing beats', async () => {
  const [a, b] = [await start('node-a', { timings: ONLY_PROOF }), await start('node-b', { timings: ONLY_PROOF })]
  await a.die()
  await tickUntil('the mark', [b], async () => (await markOf(a)).proven)
})

test('with proofs switched off only silence tells', async () => {
  const options = { timings: ONLY_PROOF, deathProof: 'off' as const }
  const [a, b] = [await start('node-a', options), await start('node-b', options)]
  await b.watch.tick()
  await a.die()
  for (let tick = 0; tick < 8; tick += 1) {
    await systemClock.sleep(100)
    await b.watch.tick()
  }
  expect(await markOf(a)).toMatchObject({ lost: false })
})

test('a node that is stopped in order is never marked, however much of it is gone', async () => {
  const [a, b] = [await start('node-a'), await start('node-b')]
  await b.watch.tick()
  await a.goodbye()
  await a.die()
  for (let tick = 0; tick < 20; tick += 1) {
    await systemClock.sleep(100)
    await b.watch.tick()
  }
  expect(await markOf(a)).toMatchObject({ lost: false })
})

test('a silent node is offline after the lease, and marked when the first of its attempts may be settled', async () => {
  const [a, b] = [await start('node-a', { deathProof: 'off' }), await start('node-b', { deathProof: 'off' })]
  await insertRunning(database.sql, a.registration, 2000)
  await a.watch.tick()
  await a.stopBeating()
  const silentSince = systemClock.monotonicMs()
  await tickUntil('offline', [b], () => b.watch.view()?.nodes[0]?.status === 'Offline')
  expect(await markOf(a)).toMatchObject({ lost: false })
  await tickUntil('the next leader', [b], () => b.watch.isLeader())
  expect((await events(database.sql, 'LeaderElected')).at(-1)?.message).toBe(
    'Node node-b leads: the lease of node-a expired.',
  )
  await tickUntil('the mark', [b], async () => (await markOf(a)).lost)
  expect(systemClock.monotonicMs() - silentSince).toBeGreaterThanOrEqual(2000 - FAST.heartbeatIntervalMs)
  expect(await markOf(a)).toMatchObject({ proven: false, cause: expect.stringMatching(/^No heartbeat for \d+ s\.$/) })
})

test('an observer that was frozen judges nobody until it has counted the whole time itself', async () => {
  const [a, b] = [await start('node-a', { deathProof: 'off' }), await start('node-b', { deathProof: 'off' })]
  await a.watch.tick()
  await b.watch.tick()
  await a.stopBeating()
  await systemClock.sleep(3 * FAST.taskLeaseMs.rerun)
  await b.watch.tick()
  expect(b.watch.view()?.nodes[0]?.status).toBe('Offline')
  expect(b.watch.isLeader()).toBe(false)
  expect(await markOf(a)).toMatchObject({ lost: false })
  expect(b.watch.silence().every(({ stillMs }) => stillMs < 100)).toBe(true)
  await tickUntil('the mark', [b], async () => (await markOf(a)).lost)
})

test("a step of the database's clock marks nobody and takes the lead from nobody", async () => {
  const [a, b] = [await start('node-a', { timings: SLOW }), await start('node-b', { timings: SLOW })]
  for (const member of [a, b]) await member.watch.tick()
  await systemClock.sleep(150)
  await b.watch.tick()
  // As if the clock had been set ahead by an hour: every last beat lies an hour back.
  await database.sql`update node_beat set last_seen = clock_timestamp() - interval '1 h'`
  await b.watch.tick()
  expect(b.watch.isLeader()).toBe(false)
  expect(b.watch.view()?.nodes.map(({ status }) => status)).toEqual(['Online', 'Online'])
  expect(await markOf(a)).toMatchObject({ lost: false })
})

test('an observer whose session was replaced begins its counts anew', async () => {
  const [a, b] = [await start('node-a', { deathProof: 'off' }), await start('node-b', { deathProof: 'off' })]
  await a.stopBeating()
  const still = () =>
    b.watch.silence().find(({ incarnation }) => incarnation === a.registration.incarnation)?.stillMs ?? 0
  await tickUntil('a count', [b], () => still() > 300)
  await database.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tako watch node-b'`
  await until('a tick over a new session', () =>
    b.watch.tick().then(
      () => true,
      () => false,
    ),
  )
  expect(still()).toBeLessThan(200)
})

test('incarnations whose node row was removed by hand are marked in the end as well', async () => {
  const [a, b] = [await start('node-a', { deathProof: 'off' }), await start('node-b', { deathProof: 'off' })]
  await b.watch.tick()
  await a.stopBeating()
  await database.sql`delete from node where name = 'node-a'`
  await tickUntil('the mark', [b], async () => (await markOf(a)).lost)
})

test('no statement waits for an advisory lock or keeps an old snapshot, also while a node dies and the lead moves', async () => {
  const options = { timings: { ...ONLY_PROOF, leaseDurationMs: 600 } }
  const [a, b] = [await start('node-a', options), await start('node-b', options)]
  await a.watch.tick()
  expect(a.watch.isLeader()).toBe(true)
  const seen: unknown[] = []
  let isDying = false
  await tickUntil('the next leader', [b], async () => {
    const rows = await database.sql`
      select query from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and application_name like 'tako %'
        and ((backend_xmin is not null and clock_timestamp() - query_start > interval '1 s') or wait_event = 'advisory')`
    seen.push(...rows)
    if (!isDying) await a.die()
    isDying = true
    return b.watch.isLeader()
  })
  expect(seen).toEqual([])
})

test('changes are told, and beats are none', async () => {
  const a = await start('node-a', { timings: SLOW })
  await tickUntil('its vitals', [a], () => a.watch.view()?.nodes[0]?.canClaim === true)
  const told: [ClusterView, ClusterView | undefined][] = []
  const off = a.watch.onChange((view, previous) => told.push([view, previous]))
  await beat(database.sql, a.registration.incarnation)
  await a.watch.tick()
  expect(told).toHaveLength(0)
  await drainNode(database.sql, 'node-a', { confirmLastNode: true }, operator, SLOW)
  await a.watch.tick()
  expect(told).toHaveLength(1)
  expect([told[0]?.[1]?.nodes[0]?.status, told[0]?.[0].nodes[0]?.status]).toEqual(['Online', 'Drained'])
  expect(a.watch.self()).toMatchObject({ taskCap: 5, drain: { number: 1 } })
  off()
  await drainNode(database.sql, 'node-a', { reason: 'other' }, operator, SLOW)
  await a.watch.tick()
  expect(told).toHaveLength(1)
})

test('who stepped down is followed by another, and leads again only when it is alone', async () => {
  const [a, b] = [await start('node-a', { timings: SLOW }), await start('node-b', { timings: SLOW })]
  await a.watch.tick()
  await tickUntil('vitals', [a, b], () => b.watch.view()?.nodes.every(({ canClaim }) => canClaim) === true)
  await stepDown(database.sql, operator)
  await a.watch.tick()
  expect(a.watch.isLeader()).toBe(false)
  await b.watch.tick()
  expect(b.watch.isLeader()).toBe(true)
})

test('ticks while one is running are answered by one more', async () => {
  const a = await start('node-a')
  await a.watch.tick()
  const ticks = Array.from({ length: 50 }, () => a.watch.tick())
  expect(new Set(ticks).size).toBe(2)
  await Promise.all(ticks)
})

test('the watch insists on one session, since silence is counted over one', () => {
  const sql = connect(database.url, { purpose: 'test', owner: 'pool', max: 2 })
  const make = () =>
    createClusterWatch({
      sql,
      pool: sql,
      node: 'node-a',
      incarnation: 'x',
      heart: { isTrusted: () => true, countRoundTrip: () => {} },
      timings: FAST,
      clock: systemClock,
      log: silentLog,
      deathProof: 'on',
      isStopping: () => false,
    })
  expect(make).toThrow(/one session/)
})
