import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { emptyCluster, FAST, register } from '../../test/support/cluster-room.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { until } from '../../test/support/until.ts'
import { connect } from '../database/connect.ts'
import { systemClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { must, only } from '../lib/must.ts'
import type { BeatReport, Vitals } from './heart.ts'
import { HeartMemory } from './heart-memory.ts'
import { type Heartbeat, type HeartbeatOptions, startHeartbeat } from './heartbeat.ts'
import { markLost } from './judge.ts'
import { trustDurationMs } from './lease.ts'
import { bootSeconds, createLeaseFile, leaseFilePath } from './lease-file.ts'
import type { Registration } from './register.ts'

let database: TestDatabase
let folder: string
let running: TestHeart[] = []
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  await emptyCluster(database.sql)
  folder = mkdtempSync(joinPath(tmpdir(), 'tako-heart-'))
})
afterEach(async () => {
  await Promise.all(running.map((heart) => heart.loop.stop()))
  running = []
  rmSync(folder, { recursive: true, force: true })
})

interface TestHeart {
  loop: Heartbeat
  memory: HeartMemory
  reports: BeatReport[]
  ends: string[]
  deaths: string[]
  lease(): number
  isTrusted(): boolean
}

const vitals: Vitals = {
  canClaim: true,
  fitness: { eventLoopLagMs: 1, databaseRoundTripMs: 1, clockDifferenceMs: 0, sharedFolderFreeBytes: 1, warnings: [] },
}

/** The heart's loop in this thread, on a real session. */
function startLoop(registration: Registration, more: Partial<HeartbeatOptions> = {}): TestHeart {
  const memory = new HeartMemory()
  const path = leaseFilePath(folder, registration.incarnation)
  const heart = { memory, reports: [] as BeatReport[], ends: [] as string[], deaths: [] as string[] }
  const loop = startHeartbeat(
    {
      ...registration,
      databaseUrl: database.url,
      timings: FAST,
      lowestTimeline: 0,
      stallLimits: { warnAfterMs: 60_000, dieAfterMs: 90_000 },
      ...more,
    },
    {
      memory,
      leaseFile: createLeaseFile(path, registration.incarnation),
      clock: systemClock,
      log: silentLog,
      onBeat: (report) => heart.reports.push(report),
      onEnd: (sentence) => heart.ends.push(sentence),
      die: (sentence) => heart.deaths.push(sentence),
    },
  )
  const started = {
    ...heart,
    loop,
    lease: () => Number(readFileSync(path, 'utf8').split(' ')[0]),
    isTrusted: () => memory.isTrusted(systemClock.monotonicMs()),
  }
  running.push(started)
  return started
}

async function beatRow(incarnation: string) {
  const rows = await database.sql<
    {
      beat: number
      heart_pid: number
      can_claim: boolean
      fitness: Vitals['fitness']
      goodbye: boolean
      free: boolean
    }[]
  >`
    select beat, heart_pid, can_claim, fitness, goodbye, pg_try_advisory_xact_lock_shared(presence_key) as free
    from node_beat where incarnation = ${incarnation}`
  return only(rows)
}
const beats = (heart: TestHeart, count: number) => until(`${count} beats`, () => heart.reports.length >= count)
const terminate = (pid: number) => database.sql`select pg_terminate_backend(${pid})`

test('it beats at once and then each interval, holds its presence lock, and keeps lease and lease file fresh', async () => {
  const a = await register(database.sql, 'node-a')
  const heart = startLoop(a)
  await beats(heart, 1)
  expect(heart.isTrusted()).toBe(true)
  await beats(heart, 4)
  const row = await beatRow(a.incarnation)
  expect(row.beat).toBeGreaterThanOrEqual(4)
  expect(row.free).toBe(false)
  expect(heart.reports[0]).toMatchObject({ beat: 1, timeline: 1, isPresenceHeld: true })
  expect(Math.abs(must(heart.reports[0]).clockDifferenceMs)).toBeLessThan(1000)
  expect(heart.memory.lastSentMs()).toBeCloseTo(must(heart.reports.at(-1)).sentMs, 1)
  expect(bootSeconds() - heart.lease()).toBeLessThan(FAST.leaseDurationMs / 1000)
  expect(readFileSync(leaseFilePath(folder, a.incarnation), 'utf8')).toMatch(
    new RegExp(`^\\d{12}\\.\\d\\d ${a.incarnation}\\n$`),
  )
})

test('last seen never moves back, even when the clock does', async () => {
  const a = await register(database.sql, 'node-a')
  await database.sql`update node_beat set last_seen = '2090-01-01'`
  const heart = startLoop(a)
  await beats(heart, 2)
  expect(await database.sql`select last_seen from node_beat`).toEqual([{ last_seen: new Date('2090-01-01') }])
})

test('what the node says of itself goes out at once, with a hint when it begins or ceases to take tasks', async () => {
  const a = await register(database.sql, 'node-a')
  const hints: string[] = []
  const { unlisten } = await database.sql.listen('tako', (hint) => hints.push(hint))
  const heart = startLoop(a, { timings: { heartbeatIntervalMs: 60_000, leaseDurationMs: 180_000 } })
  await beats(heart, 1)
  expect((await beatRow(a.incarnation)).can_claim).toBe(false)
  heart.loop.say(vitals)
  await beats(heart, 2)
  expect(await beatRow(a.incarnation)).toMatchObject({ can_claim: true, fitness: { eventLoopLagMs: 1 } })
  heart.loop.say({ ...vitals, canClaim: false })
  await beats(heart, 3)
  expect((await beatRow(a.incarnation)).can_claim).toBe(false)
  heart.loop.say({ ...vitals, canClaim: false })
  await until('both hints', () => hints.length >= 2)
  await unlisten()
  expect(hints).toEqual(['node', 'node'])
})

test('a session that ends is replaced, and presence is held again', async () => {
  const a = await register(database.sql, 'node-a')
  const heart = startLoop(a, { timings: { heartbeatIntervalMs: 20_000, leaseDurationMs: 60_000 } })
  await beats(heart, 1)
  const first = await beatRow(a.incarnation)
  await terminate(first.heart_pid)
  await beats(heart, 2)
  const second = await beatRow(a.incarnation)
  expect(second.heart_pid).not.toBe(first.heart_pid)
  expect(second.free).toBe(false)
  expect(heart.ends).toEqual([])
})

test('presence that an older session still holds is taken when it is free, without waiting in the database', async () => {
  const a = await register(database.sql, 'node-a')
  const older = connect(database.url, { purpose: 'test', owner: 'older', max: 1 })
  await older`select pg_advisory_lock(${a.presenceKey}::bigint)`
  const heart = startLoop(a)
  await beats(heart, 2)
  expect(heart.reports.at(-1)?.isPresenceHeld).toBe(false)
  expect(await database.sql`select 1 from pg_locks where locktype = 'advisory' and not granted`).toEqual([])
  await older.end({ timeout: 0 })
  await until('presence', () => heart.reports.at(-1)?.isPresenceHeld)
  expect((await beatRow(a.incarnation)).free).toBe(false)
})

test('a beat that hangs is given up, the lease ends in time, and another session carries on', async () => {
  const a = await register(database.sql, 'node-a')
  const heart = startLoop(a)
  await beats(heart, 2)
  const before = await beatRow(a.incarnation)
  await database.sql.begin(async (tx) => {
    await tx`select 1 from node_beat where incarnation = ${a.incarnation} for update`
    await until('the end of the trust', () => !heart.isTrusted())
    expect(systemClock.monotonicMs() - heart.memory.lastSentMs()).toBeGreaterThanOrEqual(trustDurationMs(FAST) - 1)
  })
  const seen = heart.reports.length
  await until('a beat', () => heart.reports.length > seen)
  expect(heart.isTrusted()).toBe(true)
  expect((await beatRow(a.incarnation)).heart_pid).not.toBe(before.heart_pid)
  expect(heart.ends).toEqual([])
})

test('trust is counted from before the beat was sent, not from its answer', async () => {
  const a = await register(database.sql, 'node-a')
  const heart = startLoop(a)
  await beats(heart, 1)
  let released = 0
  let seen = 0
  await database.sql.begin(async (tx) => {
    await tx`select 1 from node_beat where incarnation = ${a.incarnation} for update`
    const sent = systemClock.monotonicMs()
    await until('a beat that waits', async () => {
      const waiting =
        await tx`select 1 from pg_stat_activity where application_name = 'tako heart node-a' and wait_event_type = 'Lock'`
      return waiting.length > 0 && systemClock.monotonicMs() - sent > 150
    })
    // While the beat still waits: its report may come before this transaction's own end is heard of.
    seen = heart.reports.length
    released = systemClock.monotonicMs()
  })
  await until('the beat', () => heart.reports.length > seen)
  expect(must(heart.reports[seen]).sentMs).toBeLessThan(released)
})

test('a marked incarnation ends: it says why, trusts nothing, and tells the guards', async () => {
  const a = await register(database.sql, 'node-a')
  const heart = startLoop(a)
  await beats(heart, 1)
  await markLost(database.sql, {
    incarnation: a.incarnation,
    verdict: { by: 'proof', cause: 'its process is gone.' },
    actor: { userId: undefined, username: 'test', establishedWith: 'system' },
  })
  await until('the end', () => heart.ends.length > 0)
  expect(heart.ends).toEqual(['This start of node node-a was marked lost: its process is gone.'])
  expect(heart.isTrusted()).toBe(false)
  expect(heart.lease()).toBe(0)
  const seen = heart.reports.length
  await systemClock.sleep(3 * FAST.heartbeatIntervalMs)
  expect(heart.reports).toHaveLength(seen)
  expect(heart.ends).toHaveLength(1)
})

test('an incarnation whose node row was deleted or taken over ends', async () => {
  const a = await register(database.sql, 'node-a')
  const b = await register(database.sql, 'node-b')
  const hearts = [startLoop(a), startLoop(b)]
  await Promise.all(hearts.map((heart) => beats(heart, 1)))
  await database.sql`delete from node where name = 'node-a'`
  await database.sql`update node set incarnation = gen_random_uuid() where name = 'node-b'`
  await until('both ends', () => hearts.every((heart) => heart.ends.length > 0))
  expect(hearts.map((heart) => heart.ends)).toEqual([
    ['Node node-a was deleted, or another process has taken over its name.'],
    ['Node node-b was deleted, or another process has taken over its name.'],
  ])
})

test('goodbye is the last beat, and no end', async () => {
  const a = await register(database.sql, 'node-a')
  const heart = startLoop(a)
  await beats(heart, 1)
  await heart.loop.goodbye()
  expect(await beatRow(a.incarnation)).toMatchObject({ goodbye: true, can_claim: false })
  expect(heart.isTrusted()).toBe(false)
  expect(heart.lease()).toBe(0)
  expect(heart.ends).toEqual([])
})

test('goodbye goes out over a new session when the old one has ended', async () => {
  const a = await register(database.sql, 'node-a')
  const heart = startLoop(a, { timings: { heartbeatIntervalMs: 20_000, leaseDurationMs: 60_000 } })
  await beats(heart, 1)
  await terminate((await beatRow(a.incarnation)).heart_pid)
  await heart.loop.goodbye()
  expect((await beatRow(a.incarnation)).goodbye).toBe(true)
})

test('a server on an older timeline than was seen gets no beat and no trust', async () => {
  const a = await register(database.sql, 'node-a')
  const heart = startLoop(a, { lowestTimeline: 2 })
  await until('trials', async () => {
    const rows = await database.sql`select 1 from pg_stat_activity where application_name = 'tako heart node-a'`
    return rows.length > 0
  })
  await systemClock.sleep(4 * FAST.heartbeatIntervalMs)
  expect(heart.reports).toEqual([])
  expect(heart.isTrusted()).toBe(false)
  expect(await beatRow(a.incarnation)).toMatchObject({ beat: 0 })
  expect(heart.ends).toEqual([])
})

test('a main thread that stands still is told to the others at once, and in the end the process dies', async () => {
  const a = await register(database.sql, 'node-a')
  const heart = startLoop(a, { stallLimits: { warnAfterMs: 1000, dieAfterMs: 2500 } })
  heart.loop.say(vitals)
  await until('claims', async () => (await beatRow(a.incarnation)).can_claim)
  await until('the warning', async () => !(await beatRow(a.incarnation)).can_claim)
  expect((await beatRow(a.incarnation)).fitness.warnings).toEqual([expect.stringContaining('has not turned')])
  expect(heart.deaths).toEqual([])
  await until('the death', () => heart.deaths.length > 0)
  expect(heart.deaths[0]).toMatch(/has not turned for [2-9] s/)
})

test('a main thread that turns and makes its round trips keeps its node able to claim', async () => {
  const a = await register(database.sql, 'node-a')
  const heart = startLoop(a, { stallLimits: { warnAfterMs: 1000, dieAfterMs: 1500 } })
  const living = setInterval(() => {
    heart.memory.countTurn()
    heart.memory.countRoundTrip()
  }, 50)
  heart.loop.say(vitals)
  await systemClock.sleep(2500)
  clearInterval(living)
  expect((await beatRow(a.incarnation)).can_claim).toBe(true)
  expect(heart.deaths).toEqual([])
})

test('the database away for a while ends nothing: it beats again when it is back', async () => {
  const a = await register(database.sql, 'node-a')
  const heart = startLoop(a)
  await beats(heart, 1)
  const admin = connect(must(process.env.TAKO_TEST_POSTGRES), { purpose: 'test', owner: 'outage', max: 1 })
  const name = new URL(database.url).pathname.slice(1)
  await admin`alter database ${admin(name)} allow_connections false`
  await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name} and application_name like 'tako heart%'`
  await until('the end of the trust', () => !heart.isTrusted())
  const seen = heart.reports.length
  await admin`alter database ${admin(name)} allow_connections true`
  await admin.end()
  await until('a beat', () => heart.reports.length > seen)
  expect(heart.ends).toEqual([])
})
