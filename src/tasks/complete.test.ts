import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { type LossySql, makeLossy } from '../../test/support/lost-answers.ts'
import { addNode, claim, type NodeRow, openClaimSession, queueTasks, until } from '../../test/support/task-nodes.ts'
import { connect, type Sql } from '../database/connect.ts'
import { systemActor } from '../identity/actor.ts'
import { systemClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { abandonTask } from './abandon.ts'
import type { AttemptEnd } from './attempt-end.ts'
import { cancelTask } from './cancel.ts'
import { type Completions, createCompletions, type FinishedAttempt } from './complete.ts'
import { type EndRow, writeEnds } from './end-statements.ts'
import { readLog } from './log-reader.ts'
import { settleLost } from './settle.ts'

const actor = { ...systemActor('node-a'), username: 'ann' }
let database: TestDatabase
let sql: Sql
let lossy: LossySql
let inner: Sql
let node: NodeRow
let completions: Completions
let life: AbortController
let leaveToClaim: () => boolean
let written: { ids: readonly number[]; freesTag: boolean }[]

beforeEach(async () => {
  database = await createTestDatabase()
  sql = database.sql
  inner = connect(database.url, { purpose: 'write', owner: 'node-a', max: 2 })
  lossy = makeLossy(inner)
  node = await addNode(sql, 'node-a', 1000)
  life = new AbortController()
  written = []
  leaveToClaim = () => false
  completions = createCompletions({
    sql: lossy.sql,
    incarnation: node.incarnation,
    node: 'node-a',
    clock: systemClock,
    log: silentLog,
    ended: life.signal,
    leaveToClaim: () => leaveToClaim(),
    onWritten: (ids, freesTag) => written.push({ ids, freesTag }),
    roundTrip: (act) => act(),
  })
})

afterEach(async () => {
  life?.abort(new Error('the test is over'))
  await inner?.end({ timeout: 1 })
  await database?.drop()
})

/** Claims fresh tasks and returns their ids. */
async function start(count = 1): Promise<number[]> {
  await queueTasks(sql, count)
  const session = openClaimSession(database, 'node-a')
  const { tasks } = await claim(session, node, 1000 - count)
  await session.end({ timeout: 1 })
  return tasks.map(({ id }) => id)
}

type End = Extract<AttemptEnd, { do: 'end' }>

function success(id: number, more: Partial<End> = {}): FinishedAttempt {
  const end: End = { do: 'end', state: 'Success', stopped: false, cause: undefined, exitCode: 0, hasWarnings: false }
  return { id, attempt: 1, end: { ...end, ...more } }
}

async function read(id: number) {
  const [row] = await sql`select state, cause, exit_code, has_warnings, completed_at, end_id from task where id = ${id}`
  return row
}

const lateEvents = () => sql`select message from event where category = 'TaskLateWriteRefused'`

test('ends are written, gathered while one statement is in flight', async () => {
  const ids = await start(200)
  const failed = { state: 'Failed', cause: 'It broke.', exitCode: 3, hasWarnings: true } as const
  const results = await Promise.all(ids.map((id, index) => completions.add(success(id, index === 7 ? failed : {}))))
  expect(new Set(results)).toEqual(new Set(['written']))
  expect(written.length).toBeLessThan(5)
  expect(written.flatMap((batch) => batch.ids)).toHaveLength(200)
  expect(await read(ids[7] ?? 0)).toMatchObject({
    state: 'Failed',
    cause: 'It broke.',
    exit_code: 3,
    has_warnings: true,
  })
  expect(
    await sql`select 1 from task where state = 'Success' and completed_at is not null and exit_code = 0`,
  ).toHaveLength(199)
})

test('a write whose answer was lost finds its own end and is no late one', async () => {
  const ids = await start(3)
  lossy.loseAnswers('update task t set', 2)
  expect(await Promise.all(ids.map((id) => completions.add(success(id))))).toEqual(['written', 'written', 'written'])
  expect(await lateEvents()).toEqual([])
})

test('a late end is refused, told in the audit trail and in the log, and changes nothing', async () => {
  const [id = 0] = await start()
  await sql`update node_beat set lost = true, lost_proven = true, lost_at = clock_timestamp() - interval '1 s', lost_cause = 'Its process is gone.'`
  await sql`update task set when_lost = 'fail'`
  await settleLost(sql, { node: 'node-b', leaseDurationMs: 5000, still: [] })
  const before = await read(id)
  expect(before?.state).toBe('Failed')
  expect(await completions.add(success(id))).toBe('refused')
  expect(await read(id)).toEqual(before)
  const [event] = await lateEvents()
  expect(event?.message).toContain(`Attempt 1 of ServerTasks-${id} on node-a ended as Success too late`)
  const { entries } = await readLog(sql, id, { from: 0, take: 10 })
  expect(entries).toMatchObject([{ stream: 'tako', text: expect.stringContaining('too late') }])
})

test('of an end on another attempt’s number nothing is taken', async () => {
  const [id = 0] = await start()
  expect(await completions.add({ ...success(id), attempt: 2 })).toBe('refused')
  expect(await read(id)).toMatchObject({ state: 'Executing' })
})

test('after an answered cancel what stopped because of it is Canceled, and what had ended by itself keeps its end', async () => {
  const [stopped = 0, ended = 0, limited = 0, back = 0] = await start(4)
  for (const id of [stopped, ended, limited, back]) await cancelTask(sql, id, actor)
  await Promise.all([
    completions.add(success(stopped, { state: 'Canceled', stopped: true, cause: 'Cancelled by ann.' })),
    completions.add(success(ended)),
    completions.add(success(limited, { state: 'TimedOut', stopped: true, cause: 'It ran too long.' })),
    completions.add({
      id: back,
      attempt: 1,
      end: { do: 'return', outcome: 'HandedBack', cause: 'node-a was stopped.' },
    }),
  ])
  expect(await read(stopped)).toMatchObject({ state: 'Canceled', cause: 'Cancelled by ann.' })
  expect(await read(ended)).toMatchObject({ state: 'Success' })
  expect(await read(limited)).toMatchObject({ state: 'Canceled' })
  expect(await read(back)).toMatchObject({ state: 'Canceled', completed_at: expect.any(Date) })
  expect(await lateEvents()).toEqual([])
})

test('end, cancel, abandon and settle at once leave one end with one cause', async () => {
  const ids = await start(60)
  await sql`update task set when_lost = case when id % 2 = 0 then 'fail' else 'rerun' end::when_lost`
  await sql`update node_beat set lost = true, lost_proven = true, lost_at = clock_timestamp() - interval '1 s', lost_cause = 'Gone.'`
  const settling = (async () => {
    for (let round = 0; round < 5; round += 1)
      await settleLost(sql, { node: 'node-b', leaseDurationMs: 5000, still: [] })
  })()
  const work = ids.map(async (id, index) => {
    if (index % 3 === 0) await cancelTask(sql, id, actor)
    if (index % 6 === 0) await abandonTask(sql, id, 0, actor).catch(() => {})
    return await completions.add(success(id))
  })
  const results = await Promise.all(work)
  await settling
  const rows = await sql<{ id: number; state: string; completed: boolean; cancelled: boolean }[]>`
    select id, state, completed_at is not null as completed, cancel_at is not null as cancelled from task order by id`
  for (const { id, state, completed, cancelled } of rows) {
    expect(completed).toBe(state !== 'Queued')
    if (results[ids.indexOf(id)] === 'written') expect(state).toBe('Success')
    else if (cancelled) expect(state).toBe('Canceled')
    else expect(state).toBe(id % 2 === 0 ? 'Failed' : 'Queued')
  }
  const events = await sql<
    { related: string }[]
  >`select related[1] as related from event where category = 'TaskSettled'`
  expect(new Set(events.map(({ related }) => related)).size).toBe(events.length)
})

test('ends survive a database that is away', async () => {
  const ids = await start(5)
  const reconnect = lossy.cut('update task t set')
  const ending = Promise.all(ids.map((id) => completions.add(success(id))))
  await Promise.race([ending, systemClock.sleep(250)])
  expect(await sql`select 1 from task where state = 'Success'`).toHaveLength(0)
  reconnect()
  expect(await ending).toEqual(Array(5).fill('written'))
})

test('ends that cannot be written are given up when the incarnation is over', async () => {
  const [id = 0] = await start()
  lossy.cut('update task t set')
  const ending = completions.add(success(id))
  life.abort(new Error('marked lost'))
  expect(await ending).toBe('given up')
})

/** Leaves ends to a claim that begins in a moment and is done by `act`. */
function claimBy(act: () => Promise<unknown>): Promise<unknown> {
  return new Promise((resolve) => {
    leaveToClaim = () => {
      setImmediate(() => act().then(resolve, resolve))
      return true
    }
  })
}

test('ends that were left to a claim are written by it; when it fails, or its answer is lost, they are written all the same', async () => {
  const ids = await start(9)
  const endAll = (some: readonly number[]) => Promise.all(some.map((id) => completions.add(success(id))))
  const write = (ends: readonly EndRow[]) => writeEnds(sql, node.incarnation, ends).then((ended) => ({ ended }))
  const sent: number[] = []
  void claimBy(() =>
    completions.carry((ends) => {
      sent.push(ends.length)
      return write(ends)
    }),
  )
  expect(await endAll(ids.slice(0, 3))).toEqual(Array(3).fill('written'))
  expect(sent).toEqual([3])
  const refused = claimBy(() => completions.carry(() => Promise.reject(new Error('a claim failed'))))
  expect(await endAll(ids.slice(3, 6))).toEqual(Array(3).fill('written'))
  expect(await refused).toMatchObject({ message: 'a claim failed' })
  await nextTurn()
  const lost = claimBy(() => completions.carry((ends) => write(ends).then(() => Promise.reject(new Error('cut')))))
  expect(await endAll(ids.slice(6))).toEqual(Array(3).fill('written'))
  await lost
  expect(await lateEvents()).toEqual([])
  expect(await sql`select 1 from task where state = 'Success'`).toHaveLength(9)
})

test('ends left to a claim that took none are written by the flush, and given up with the incarnation while a claim has them', async () => {
  const [first = 0, second = 0] = await start(2)
  void claimBy(async () => completions.flush())
  expect(await completions.add(success(first))).toBe('written')
  await nextTurn()
  void claimBy(() => completions.carry(() => new Promise(() => {})))
  const ending = completions.add(success(second))
  await systemClock.sleep(20)
  life.abort(new Error('marked lost'))
  expect(await ending).toBe('given up')
})

test('one end that the database refuses keeps no other from being written', async () => {
  const ids = await start(6)
  const bad = success(ids[3] ?? 0, { exitCode: 2 ** 40, cause: 'Its \u0000 cause.' })
  const results = await Promise.all(ids.map((id, index) => completions.add(index === 3 ? bad : success(id))))
  expect(new Set(results)).toEqual(new Set(['written']))
  expect(await read(ids[3] ?? 0)).toMatchObject({ state: 'Success', exit_code: null })
})

test('a deadlock is tried again', async () => {
  const [first = 0, second = 0, other = 0] = await start(3)
  let ending: Promise<unknown> | undefined
  const deadlocks = async () =>
    (await sql`select deadlocks from pg_stat_database where datname = current_database()`)[0]
  const against = sql.begin(async (tx) => {
    await tx`set local deadlock_timeout = '10s'`
    await tx`select 1 from task where id = ${second} for update`
    // The ends of the first two are gathered while the other's is in flight
    ending = Promise.all([other, first, second].map((id) => completions.add(success(id))))
    await until(
      'the writer waits',
      () => sql`select 1 from pg_locks where not granted`,
      (rows) => rows.length > 0,
    )
    // Against the order: the writer has the first row by now and waits for the second
    await tx`update task set updated_at = clock_timestamp() where id = ${first}`
  })
  await against
  await ending
  expect(await sql`select 1 from task where state = 'Success'`).toHaveLength(3)
  await until('the deadlock is counted', deadlocks, (row) => row?.deadlocks > 0)
})

test('what is handed back keeps its place and its number, and waits anew', async () => {
  const [id = 0] = await start()
  await sql`update task set queue_time = queue_time - interval '1 h', expires_at = clock_timestamp() + interval '1 s'`
  const [before] = await sql`select top, rank, queue_time from task`
  const end = { do: 'return', outcome: 'HandedBack', cause: 'node-a was stopped while it ran.' } as const
  expect(await completions.add({ id, attempt: 1, end })).toBe('written')
  const [row] = await sql`
    select state, attempt, node, started_at, top, rank, queue_time, expires_at > clock_timestamp() + interval '23 h' as is_renewed from task`
  expect(row).toEqual({ state: 'Queued', attempt: 1, node: null, started_at: null, is_renewed: true, ...before })
  expect(await sql`select attempt, outcome, cause, node from task_attempt`).toEqual([
    { attempt: 1, outcome: 'HandedBack', cause: 'node-a was stopped while it ran.', node: 'node-a' },
  ])
})
