import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  age,
  beat,
  emptyCluster,
  events,
  FAST,
  insertRunning,
  join,
  leadOf,
  operator,
  placeOf,
  register,
} from '../../test/support/cluster-room.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { until } from '../../test/support/until.ts'
import { connect } from '../database/connect.ts'
import { ConfigurationError } from '../lib/errors.ts'
import { only } from '../lib/must.ts'
import { drainNode, retireNode } from './drain.ts'
import { readProcessPlace } from './machine.ts'
import type { Registration } from './register.ts'
import { readClusterView } from './view.ts'

let database: TestDatabase
let beating: NodeJS.Timeout | undefined
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  await emptyCluster(database.sql)
})
afterEach(async () => {
  clearInterval(beating)
})

const elsewhere = { place: placeOf('another-machine') }
/** Beats like a living process until the test is over. */
function keepBeating({ incarnation }: Registration): void {
  beating = setInterval(() => void beat(database.sql, incarnation).catch(() => {}), FAST.heartbeatIntervalMs)
}
async function beatRow(incarnation: string) {
  return only(
    await database.sql<{ lost: boolean; proven: boolean; cause: string | null; by: string | null }[]>`
      select lost, lost_proven as proven, lost_cause as cause, lost_by as by from node_beat where incarnation = ${incarnation}`,
  )
}

test('a first start gets the cap and the drain it asks for, and is told with its cause', async () => {
  const { sql } = database
  const a = await register(sql, 'node-a', { taskCap: 7, drained: true })
  expect(a).toMatchObject({
    node: 'node-a',
    cause: 'first start',
    taskCap: 7,
    isDraining: true,
    presenceKey: expect.stringMatching(/^\d+$/),
  })
  const node = (await readClusterView(sql, FAST)).nodes[0]
  expect(node).toMatchObject({
    taskCap: 7,
    drain: { number: 1, reason: 'joined drained', by: 'system', since: expect.any(Date) },
  })
  expect(await events(sql)).toMatchObject([
    {
      category: 'NodeRegistered',
      message: 'Node node-a joined the cluster: first start.',
      related: ['OctopusServerNodes-node-a'],
      before: { Incarnation: null },
      after: { Incarnation: a.incarnation, Cause: 'first start', MaxConcurrentTasks: 7, IsInMaintenanceMode: true },
    },
  ])
})

test("after an orderly stop a start takes its place at once; cap and drain are the database's", async () => {
  const { sql } = database
  const first = await join(sql, 'node-a', { taskCap: 7 })
  await drainNode(sql, 'node-a', { reason: 'patching', confirmLastNode: true }, operator, FAST)
  await sql`update leadership set term = 5, node = 'node-a', incarnation = ${first.incarnation}`
  await sql`update node_beat set goodbye = true`
  const again = await register(sql, 'node-a', { taskCap: 1 }, elsewhere)
  expect(again).toMatchObject({ cause: 'start after an orderly stop', taskCap: 7, isDraining: true })
  expect(again.incarnation).not.toBe(first.incarnation)
  expect(await beatRow(first.incarnation)).toMatchObject({ lost: false })
  expect((await leadOf(sql)).node).toBeNull()
  expect((await events(sql, 'LeaderReleased'))[0]?.after).toMatchObject({ Cause: 'stopped' })
})

test('a name that another process lives under is refused, naming its address, process and machine', async () => {
  const { sql } = database
  const first = await join(sql, 'node-a')
  keepBeating(first)
  const refusal: unknown = await register(sql, 'node-a', {}, elsewhere).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(ConfigurationError)
  expect(String(refusal)).toMatch(/node name node-a is taken.*http:\/\/127\.0\.0\.1:1\/node-a, process 4711 on node-a/)
  expect(await beatRow(first.incarnation)).toMatchObject({ lost: false })
  expect((await readClusterView(sql, FAST)).nodes[0]?.incarnation).toBe(first.incarnation)
})

test('a start waits out the stop of the process before it', async () => {
  const { sql } = database
  const first = await join(sql, 'node-a')
  keepBeating(first)
  const starting = register(sql, 'node-a', {}, elsewhere)
  await until('a few beats', async () => ((await beat(sql, first.incarnation)) ?? 0) > 3)
  await sql`update node_beat set goodbye = true where incarnation = ${first.incarnation}`
  expect((await starting).cause).toBe('start after an orderly stop')
})

test('a process that is silent is waited for a lease, counted by its beat; then it is marked, unproven', async () => {
  const { sql } = database
  const first = await join(sql, 'node-a')
  await sql`update leadership set term = 5, node = 'node-a', incarnation = ${first.incarnation}`
  await age(sql, first.incarnation, 3_600_000)
  const killed: string[] = []
  const began = performance.now()
  const again = await register(
    sql,
    'node-a',
    {},
    { ...elsewhere, killLeftovers: async (incarnation) => void killed.push(incarnation) },
  )
  expect(performance.now() - began).toBeGreaterThanOrEqual(FAST.leaseDurationMs)
  expect(again.cause).toMatch(/^start after \d+ s of silence$/)
  expect(await beatRow(first.incarnation)).toMatchObject({ lost: true, proven: false, by: 'node-a' })
  expect(killed).toEqual([first.incarnation])
  expect((await leadOf(sql)).node).toBeNull()
  expect(await beat(sql, first.incarnation)).toBeUndefined()
})

test('a process of the same machine and boot that is gone is dead for certain: no waiting, and what it left is killed first', async () => {
  const { sql } = database
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'])
  const here = readProcessPlace()
  const first = await register(
    sql,
    'node-a',
    {},
    { place: { ...here, pid: child.pid ?? 0, processStart: 'its start' } },
  )
  await beat(sql, first.incarnation)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const atKill: boolean[] = []
  const killLeftovers = async (incarnation: string) => void atKill.push((await beatRow(incarnation)).lost)
  const again = await register(sql, 'node-a', {}, { place: here, killLeftovers })
  expect(again.cause).toBe('start after its death')
  expect(await beatRow(first.incarnation)).toMatchObject({
    lost: true,
    proven: true,
    cause: expect.stringContaining('is gone'),
  })
  expect(atKill).toEqual([false])
})

test('while what it left cannot be killed, its death proves nothing of its attempts', async () => {
  const { sql } = database
  const first = await register(sql, 'node-a')
  const again = await register(sql, 'node-a', {}, { killLeftovers: () => Promise.reject(new Error('no permission')) })
  expect(again.cause).toBe('start after its death')
  expect(await beatRow(first.incarnation)).toMatchObject({ lost: true, proven: false })
})

test('a machine that has booted since proves the death, once the beats have been still for a moment', async () => {
  const { sql } = database
  const here = readProcessPlace()
  const [, namespace] = here.boot.split(' ')
  const first = await register(sql, 'node-a', {}, { place: { ...here, boot: `before ${namespace}` } })
  await beat(sql, first.incarnation)
  await register(sql, 'node-a', {}, { place: here })
  expect(await beatRow(first.incarnation)).toMatchObject({
    lost: true,
    proven: true,
    cause: expect.stringContaining('was restarted'),
  })
})

test('a copy of a machine that lives is not taken for its own past', async () => {
  const { sql } = database
  const here = readProcessPlace()
  const [, namespace] = here.boot.split(' ')
  const first = await register(sql, 'node-a', {}, { place: { ...here, boot: `other ${namespace}` } })
  keepBeating(first)
  await until('a beat', async () => (await beat(sql, first.incarnation)) !== undefined)
  await expect(register(sql, 'node-a', {}, { place: here })).rejects.toBeInstanceOf(ConfigurationError)
})

test('an incarnation that others marked for its silence is proven dead by the start that knows it', async () => {
  const { sql } = database
  const first = await register(sql, 'node-a')
  await sql`update node_beat set lost = true, lost_cause = 'No heartbeat for 20 s.'`
  await register(sql, 'node-a')
  expect(await beatRow(first.incarnation)).toMatchObject({ lost: true, proven: true })
  const second = (await readClusterView(sql, FAST)).nodes[0]?.incarnation ?? ''
  await sql`update node_beat set lost = true where incarnation = ${second}`
  await register(sql, 'node-a', {}, elsewhere)
  expect(await beatRow(second)).toMatchObject({ proven: false })
})

test('a process that was marked comes back as another incarnation, and its word ends the former one', async () => {
  const { sql } = database
  const first = await join(sql, 'node-a', { taskCap: 7 })
  await insertRunning(sql, first)
  await sql`update node_beat set lost = true`
  await sql`update node set lost = true`
  const again = await register(
    sql,
    'node-a',
    { former: { incarnation: first.incarnation, self: undefined } },
    elsewhere,
  )
  expect(again).toMatchObject({ cause: 'return after its former start was given up', taskCap: 7 })
  expect(await beatRow(first.incarnation)).toMatchObject({ lost: true, proven: true })
  expect((await readClusterView(sql, FAST)).nodes[0]).toMatchObject({
    status: 'Starting',
    incarnation: again.incarnation,
  })
  expect(await events(sql, 'NodeReturned')).toHaveLength(1)
})

test('a process whose row is gone comes back with the cap and the drain it last knew', async () => {
  const { sql } = database
  const first = await join(sql, 'node-a', { taskCap: 7 })
  await drainNode(
    sql,
    'node-a',
    { reason: 'patching', deadline: { inMs: 60_000 }, confirmLastNode: true },
    operator,
    FAST,
  )
  const { taskCap, drain, drainNumber } = (await readClusterView(sql, FAST)).nodes[0] ?? {
    taskCap: 0,
    drain: undefined,
    drainNumber: 0,
  }
  await sql`delete from node`
  const again = await register(sql, 'node-a', {
    taskCap: 1,
    former: { incarnation: first.incarnation, self: { taskCap, drain, drainNumber } },
  })
  expect(again).toMatchObject({ cause: 'return after its row was removed', taskCap: 7, isDraining: true })
  expect((await readClusterView(sql, FAST)).nodes[0]).toMatchObject({ drain, drainNumber: 1 })
  expect(await beatRow(first.incarnation)).toMatchObject({ lost: true, proven: true })
})

test('a process whose name was taken meanwhile by another that lives does not come back', async () => {
  const { sql } = database
  const first = await join(sql, 'node-a')
  await sql`update node_beat set lost = true`
  const other = await register(sql, 'node-a', {}, elsewhere)
  keepBeating(other)
  const returning = register(
    sql,
    'node-a',
    { former: { incarnation: first.incarnation, self: undefined } },
    { place: placeOf('node-a') },
  )
  await expect(returning).rejects.toBeInstanceOf(ConfigurationError)
})

test('of two processes that start under one name at once, one is registered and the other is refused', async () => {
  const { sql } = database
  const starts = ['m1', 'm2'].map(async (machine) => {
    const registration = await register(sql, 'node-a', {}, { place: placeOf(machine) })
    keepBeating(registration)
    return registration
  })
  const results = await Promise.allSettled(starts)
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: expect.any(ConfigurationError) })
})

test('a process that beats again at the last moment is not marked', async () => {
  const { sql } = database
  const first = await join(sql, 'node-a')
  await age(sql, first.incarnation, 3_600_000)
  const killLeftovers = async () => {
    await beat(sql, first.incarnation)
    keepBeating(first)
  }
  await expect(register(sql, 'node-a', {}, { ...elsewhere, killLeftovers })).rejects.toBeInstanceOf(ConfigurationError)
  expect(await beatRow(first.incarnation)).toMatchObject({ lost: false })
})

test('a name that another process takes at the last moment is left to it', async () => {
  const { sql } = database
  const first = await join(sql, 'node-a')
  await sql`update node_beat set goodbye = true`
  let other: Registration | undefined
  const killLeftovers = async () => {
    if (other) return
    other = await register(sql, 'node-a', {}, { place: placeOf('quicker') })
    keepBeating(other)
  }
  await expect(register(sql, 'node-a', {}, { ...elsewhere, killLeftovers })).rejects.toBeInstanceOf(ConfigurationError)
  expect((await readClusterView(sql, FAST)).nodes[0]?.incarnation).toBe(other?.incarnation)
  expect(await beatRow(first.incarnation)).toMatchObject({ lost: false })
})

test('the session of a silent heart is ended, so that what it holds is free', async () => {
  const { sql } = database
  const first = await join(sql, 'node-a')
  const heart = connect(database.url, { purpose: 'heart', owner: 'node-a', max: 1 })
  const bystander = connect(database.url, { purpose: 'heart', owner: 'node-b', max: 1 })
  try {
    await heart`select pg_advisory_lock(${first.presenceKey}::bigint)`
    await bystander`select 1`
    await register(sql, 'node-a', {}, elsewhere)
    const names = async () =>
      (
        await sql<{ name: string }[]>`
      select application_name as name from pg_stat_activity where datname = current_database() and application_name like 'tako heart%'`
      ).map(({ name }) => name)
    await until('the end of the session', async () => (await names()).length === 1)
    expect(await names()).toEqual(['tako heart node-b'])
  } finally {
    await Promise.all([heart.end({ timeout: 0 }), bystander.end({ timeout: 0 })])
  }
})

test('a retirement survives a crash of the process, and not its orderly stop', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  await retireNode(sql, 'node-a', { confirmLastNode: true }, operator, FAST)
  await register(sql, 'node-a')
  expect((await readClusterView(sql, FAST)).nodes[0]?.drain?.retire).toBe(true)
  await sql`update node_beat set goodbye = true`
  await register(sql, 'node-a')
  expect((await readClusterView(sql, FAST)).nodes[0]?.drain).toMatchObject({ retire: false })
})

test('waiting for a name ends with the signal', async () => {
  const { sql } = database
  await join(sql, 'node-a')
  const stopper = new AbortController()
  const starting = register(sql, 'node-a', {}, { ...elsewhere, signal: stopper.signal })
  setTimeout(() => stopper.abort(), 100)
  await expect(starting).rejects.toMatchObject({ name: 'AbortError' })
})
