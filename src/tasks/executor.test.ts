import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { type LossySql, makeLossy } from '../../test/support/lost-answers.ts'
import {
  makeKind,
  queueTasks,
  startTestExecutor,
  type TestExecutor,
  type TestExecutorOptions,
  until,
} from '../../test/support/task-nodes.ts'
import { drainNode } from '../cluster/drain.ts'
import { defaultTimings } from '../cluster/timings.ts'
import type { Sql } from '../database/connect.ts'
import { systemActor } from '../identity/actor.ts'
import { systemClock } from '../lib/clock.ts'
import { cancelTask } from './cancel.ts'
import { enqueueTask } from './enqueue.ts'
import { type AttemptContext, AttemptStop, type Kind, KindRegistry, NotStartedError, type Outcome } from './kind.ts'
import { readLog } from './log-reader.ts'

const actor = { ...systemActor('node-a'), username: 'ann' }
let database: TestDatabase
let sql: Sql
let executors: TestExecutor[]
let lossySessions: LossySql[]

beforeEach(async () => {
  database = await createTestDatabase()
  sql = database.sql
  executors = []
  lossySessions = []
})

afterEach(async () => {
  for (const lossy of lossySessions) lossy.release()
  for (const executor of executors) executor.lose()
  await Promise.all(executors.map((executor) => executor.close()))
  await database?.drop()
})

async function start(options: TestExecutorOptions = {}): Promise<TestExecutor> {
  const executor = await startTestExecutor(database, options)
  executors.push(executor)
  return executor
}

/** Runs until it is asked to stop, and then ends as Canceled; collects what it saw. */
function makePatient(whenLost: Kind['whenLost'] = 'rerun') {
  const seen: AttemptContext[] = []
  const kind = makeKind(
    async (context) => {
      seen.push(context)
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve, { once: true }))
      return { state: 'Canceled', cause: (context.signal.reason as Error).message }
    },
    { whenLost },
  )
  return { kind, seen }
}

const states = async () =>
  Object.fromEntries(
    (await sql<{ state: string; count: number }[]>`select state, count(*) from task group by state`).map((row) => [
      row.state,
      row.count,
    ]),
  )

async function read(id = 1) {
  const [row] = await sql`select * from task where id = ${id}`
  return row
}

async function ended(id = 1) {
  return await until(
    'the end',
    () => read(id),
    (row) => row?.completed_at instanceof Date,
  )
}

test('a task runs on a hint, with its arguments, and ends with its outcome and its log', async () => {
  const outcome: Outcome = { state: 'Failed', cause: 'It exited with 3.', exitCode: 3, hasWarnings: true }
  const kind = makeKind(async ({ arguments: given, output, taskId, attempt, node }) => {
    output.line('output', `${JSON.stringify(given)} ${taskId}/${attempt} on ${node}`)
    return outcome
  })
  await start({ kinds: [kind] })
  const wish = { kind: 'noop', arguments: { Greeting: 'hello' }, space: 'Spaces-1' }
  const id = await enqueueTask(sql, new KindRegistry([kind]), defaultTimings, wish)
  expect(await ended(id)).toMatchObject({
    state: 'Failed',
    cause: 'It exited with 3.',
    exit_code: 3,
    has_warnings: true,
    node: 'node-a',
  })
  expect((await readLog(sql, id)).entries).toMatchObject([{ text: '{"Greeting":"hello"} 1/1 on node-a' }])
})

test('a thousand tasks run once each on three nodes, and never more than the cap at once', async () => {
  const ids = await queueTasks(sql, 1000)
  const runs = new Map<number, number>()
  const running = new Map<string, number>()
  let most = 0
  const kind = makeKind(async ({ taskId, node }) => {
    runs.set(taskId, (runs.get(taskId) ?? 0) + 1)
    running.set(node, (running.get(node) ?? 0) + 1)
    most = Math.max(most, running.get(node) ?? 0)
    await systemClock.sleep(Math.random() * 3)
    running.set(node, (running.get(node) ?? 0) - 1)
    return { state: 'Success' }
  })
  for (const name of ['node-a', 'node-b', 'node-c']) await start({ name, cap: 4, kinds: [kind] })
  await until('all ended', states, ({ Success }) => Success === 1000)
  expect([...runs.values()].every((count) => count === 1)).toBe(true)
  expect(runs.size).toBe(ids.length)
  expect(most).toBeLessThanOrEqual(4)
})

test('a cancel stops the attempt, ends as Canceled and says by whom', async () => {
  const { kind, seen } = makePatient()
  await queueTasks(sql, 1)
  await start({ kinds: [kind] })
  await until(
    'it runs',
    () => seen.length,
    (count) => count === 1,
  )
  await cancelTask(sql, 1, actor)
  expect(await ended()).toMatchObject({ state: 'Canceled', cause: 'Cancelled by ann.', cancel_by: 'ann' })
  expect(seen[0]?.signal.reason).toBeInstanceOf(AttemptStop)
})

test('a cancel of which no hint told is found all the same', async () => {
  const { kind, seen } = makePatient()
  await queueTasks(sql, 1)
  await start({ kinds: [kind] })
  await until(
    'it runs',
    () => seen.length,
    (count) => count === 1,
  )
  await sql`update task set state = 'Cancelling', cancel_at = clock_timestamp(), cancel_by = 'ann'`
  expect(await ended()).toMatchObject({ state: 'Canceled' })
})

test('an attempt that runs longer than its limit times out', async () => {
  const { kind } = makePatient()
  await queueTasks(sql, 1)
  await sql`update task set time_limit_ms = 80`
  await start({ kinds: [kind] })
  expect(await ended()).toMatchObject({ state: 'TimedOut', cause: 'It ran longer than its time limit of 80ms.' })
})

test('what throws fails with the words of its error, and the queue goes on', async () => {
  const kind = makeKind(({ taskId }) => {
    if (taskId === 1) throw new Error('the disk is full')
    return Promise.resolve({ state: 'Success' })
  })
  await queueTasks(sql, 2)
  await start({ kinds: [kind], cap: 1 })
  expect(await ended(2)).toMatchObject({ state: 'Success' })
  expect(await read(1)).toMatchObject({ state: 'Failed', cause: 'It ended with an error: the disk is full' })
})

test('what could not begin in time goes back and begins as another attempt', async () => {
  const kind = makeKind(async ({ attempt }) => {
    if (attempt === 1) throw new NotStartedError('the guard was not ready within a second')
    return { state: 'Success' }
  })
  await queueTasks(sql, 1)
  await start({ kinds: [kind] })
  expect(await ended()).toMatchObject({ state: 'Success', attempt: 2 })
  expect(await sql`select attempt, outcome, cause from task_attempt`).toEqual([
    { attempt: 1, outcome: 'NotStarted', cause: 'the guard was not ready within a second' },
  ])
})

test('attempts that an orderly stop ends go back where they may run again, and fail where not', async () => {
  const { kind, seen } = makePatient()
  const failing = makePatient('fail')
  await queueTasks(sql, 1)
  await queueTasks(sql, 1, { kind: 'Once', whenLost: 'fail' })
  const executor = await start({ kinds: [kind, { ...failing.kind, name: 'Once' }] })
  await until(
    'both run',
    () => seen.length + failing.seen.length,
    (count) => count === 2,
  )
  executor.stopClaiming()
  await executor.stopAll('node stopping', AbortSignal.timeout(5000))
  expect(executor.runningCount()).toBe(0)
  expect(await read(1)).toMatchObject({ state: 'Queued', attempt: 1, node: null })
  expect(await read(2)).toMatchObject({ state: 'Failed', cause: 'node-a was stopped while it ran.' })
})

test('a drained node finishes what it runs and takes nothing more', async () => {
  const { kind, seen } = makePatient()
  await queueTasks(sql, 3)
  const executor = await start({ kinds: [kind], cap: 1 })
  await start({ name: 'node-b', cap: 0 })
  await until(
    'one runs',
    () => seen.length,
    (count) => count === 1,
  )
  await drainNode(sql, 'node-a', { confirmLastNode: true }, actor, defaultTimings)
  await cancelTask(sql, seen[0]?.taskId ?? 0, actor)
  await until(
    'it ended',
    () => executor.runningCount(),
    (count) => count === 0,
  )
  executor.wake()
  await systemClock.sleep(150)
  expect(seen).toHaveLength(1)
  expect(await states()).toEqual({ Queued: 2, Canceled: 1 })
})

test('a node that cannot trust its lease claims nothing, and stops what would outlive its task lease', async () => {
  const { kind, seen } = makePatient('fail')
  await queueTasks(sql, 1, { whenLost: 'fail', taskLeaseMs: 12_000 })
  const executor = await start({ kinds: [kind] })
  await until(
    'it runs',
    () => seen.length,
    (count) => count === 1,
  )
  executor.lease.trusted = false
  await queueTasks(sql, 1)
  executor.wake()
  await systemClock.sleep(300)
  expect(seen[0]?.signal.aborted).toBe(false)
  executor.lease.lastBeatSentMs = systemClock.monotonicMs() - (12_000 - defaultTimings.cancelGraceMs - 2000)
  expect(await ended(1)).toMatchObject({
    state: 'Failed',
    cause: expect.stringContaining('no contact with the database'),
  })
  expect(seen).toHaveLength(1)
})

function watchLossy(): { lossy: Map<string, LossySql>; wrap: NonNullable<TestExecutorOptions['wrap']> } {
  const lossy = new Map<string, LossySql>()
  return {
    lossy,
    wrap(inner, purpose) {
      const made = makeLossy(inner)
      lossy.set(purpose, made)
      lossySessions.push(made)
      return made.sql
    },
  }
}

test('claims whose answers are lost leave nothing behind: each task still runs, as another attempt', async () => {
  const { lossy, wrap } = watchLossy()
  let ran = 0
  const kind = makeKind(async () => {
    ran += 1
    return { state: 'Success' }
  })
  await start({ kinds: [kind], wrap })
  lossy.get('claim')?.loseAnswers('claimed as (', 3)
  await queueTasks(sql, 25)
  executors[0]?.wake()
  await until('all ended', states, ({ Success }) => Success === 25)
  expect(ran).toBe(25)
  expect(await sql`select 1 from task_attempt where outcome = 'NotStarted'`).not.toHaveLength(0)
})

test('an answer older than a second begins nothing and goes back', async () => {
  const { lossy, wrap } = watchLossy()
  let ran = 0
  const kind = makeKind(async () => {
    ran += 1
    return { state: 'Success' }
  })
  const executor = await start({ kinds: [kind], wrap })
  const release = lossy.get('claim')?.hold('claimed as (')
  await queueTasks(sql, 1)
  executor.wake()
  await until('it was claimed', states, ({ Executing }) => Executing === 1)
  await systemClock.sleep(1050)
  expect(ran).toBe(0)
  release?.()
  expect(await ended()).toMatchObject({ state: 'Success', attempt: 2 })
  expect(ran).toBe(1)
  expect(await sql`select outcome, cause from task_attempt`).toEqual([
    { outcome: 'NotStarted', cause: 'The answer to its claim came too late to begin.' },
  ])
})

test('a claim that is answered after claiming was stopped is handed back unstarted', async () => {
  const { lossy, wrap } = watchLossy()
  let ran = 0
  const executor = await start({
    wrap,
    kinds: [
      makeKind(async () => {
        ran += 1
        return { state: 'Success' }
      }),
    ],
  })
  const release = lossy.get('claim')?.hold('claimed as (')
  await queueTasks(sql, 2)
  executor.wake()
  await until('they were claimed', states, ({ Executing }) => Executing === 2)
  executor.stopClaiming()
  release?.()
  await executor.handBackUnstarted()
  expect(await states()).toEqual({ Queued: 2 })
  expect({ ran, running: executor.runningCount() }).toEqual({ ran: 0, running: 0 })
})

test('an attempt that its rows give to nobody is stopped, and what it still reports is refused', async () => {
  const { kind, seen } = makePatient()
  await queueTasks(sql, 1)
  const executor = await start({ kinds: [kind] })
  await until(
    'it runs',
    () => seen.length,
    (count) => count === 1,
  )
  await sql`update task set state = 'Failed', completed_at = clock_timestamp(), cause = 'by hand'`
  // The session is replaced, which makes the node compare
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'tako claim node-a'`
  await until(
    'it stopped',
    () => seen[0]?.signal.aborted,
    (aborted) => aborted === true,
  )
  expect(seen[0]?.signal.reason).toMatchObject({ reason: 'lost' })
  await executor.idle()
  expect(await read()).toMatchObject({ state: 'Failed', cause: 'by hand' })
})

test('claims that took ends along and whose answers are lost neither lose nor repeat anything', async () => {
  const { lossy, wrap } = watchLossy()
  const runs = new Map<number, number>()
  const kind = makeKind(async ({ taskId }) => {
    runs.set(taskId, (runs.get(taskId) ?? 0) + 1)
    return { state: 'Success' }
  })
  await queueTasks(sql, 60)
  await start({ kinds: [kind], cap: 3, wrap })
  await until(
    'some have run',
    () => runs.size,
    (size) => size >= 9,
  )
  lossy.get('claim')?.loseAnswers('claimed as (', 4)
  await until('all ended', states, ({ Success }) => Success === 60)
  expect([...runs.values()].every((count) => count === 1)).toBe(true)
  expect(await sql`select 1 from event where category = 'TaskLateWriteRefused'`).toEqual([])
})

test('in a deep queue one statement ends tasks and begins the next, and tagged tasks that come before them still find a slot', async () => {
  const endings: string[] = []
  const wrap = (inner: Sql, purpose: string) =>
    new Proxy(inner, {
      apply(target, self, [strings, ...values]) {
        const text = Array.isArray(strings) ? strings.join(' ') : ''
        if (text.includes('update task t set')) endings.push(purpose)
        return Reflect.apply(target, self, [strings, ...values])
      },
    })
  const order: number[] = []
  const kind = makeKind(async ({ taskId }) => {
    order.push(taskId)
    await systemClock.sleep(5)
    return { state: 'Success' }
  })
  await queueTasks(sql, 400)
  await start({ kinds: [kind], cap: 4, wrap })
  await until(
    'some have run',
    () => order.length,
    (length) => length > 20,
  )
  const tagged = await queueTasks(sql, 3, { tag: 'production', priority: 10 })
  executors[0]?.wake()
  await until('all ended', states, ({ Success }) => Success === 403)
  for (const id of tagged) expect(order.indexOf(id)).toBeLessThan(350)
  const alone = endings.filter((purpose) => purpose === 'write').length
  expect(endings.length - alone).toBeGreaterThan(2 * alone)
})

test('in a deep queue what comes in before the others, and what is less than a claim asked for, is found at once', async () => {
  const order: number[] = []
  const kind = makeKind(async ({ taskId }) => {
    order.push(taskId)
    await systemClock.sleep(5)
    return { state: 'Success' }
  })
  await queueTasks(sql, 400)
  await start({ kinds: [kind], cap: 4 })
  await until(
    'some have run',
    () => order.length,
    (length) => length > 20,
  )
  const [urgent = 0] = await queueTasks(sql, 1, { priority: 10 })
  await until('all ended', states, ({ Success }) => Success === 401)
  expect(order.indexOf(urgent)).toBeLessThan(350)
})

test('sessions that break again and again neither lose nor repeat a task', async () => {
  const runs = new Map<string, number>()
  const kind = makeKind(async ({ taskId, attempt }) => {
    const key = `${taskId}/${attempt}`
    runs.set(key, (runs.get(key) ?? 0) + 1)
    return { state: 'Success' }
  })
  await queueTasks(sql, 400)
  await start({ kinds: [kind], cap: 3 })
  for (let round = 0; round < 8; round += 1) {
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name in ('tako claim node-a', 'tako write node-a')
        and (query like '%update task%' or query like '%claim_session%')`
    await systemClock.sleep(30)
  }
  await until('all ended', states, ({ Success }) => Success === 400)
  expect([...runs.values()].every((count) => count === 1)).toBe(true)
  const perTask = new Map<number, number>()
  for (const key of runs.keys())
    perTask.set(Number(key.split('/')[0]), (perTask.get(Number(key.split('/')[0])) ?? 0) + 1)
  expect([...perTask.values()].every((count) => count === 1)).toBe(true)
  expect(await sql`select 1 from event where category = 'TaskLateWriteRefused'`).toEqual([])
})

test('what a node leaves to others that never come it takes itself a moment later', async () => {
  const { kind, seen } = makePatient()
  const silent = await startTestExecutor(database, { name: 'node-b', deps: { mayClaim: () => false } })
  executors.push(silent)
  const executor = await start({ kinds: [kind] })
  await queueTasks(sql, 10, { ageMs: 0 })
  executor.wake()
  await until(
    'its share runs',
    () => seen.length,
    (count) => count === 5,
  )
  await until(
    'all run',
    () => seen.length,
    (count) => count === 10,
  )
})

test('the end of the incarnation stops everything and writes nothing more', async () => {
  const { kind, seen } = makePatient()
  await queueTasks(sql, 3)
  const executor = await start({ kinds: [kind] })
  await until(
    'they run',
    () => seen.length,
    (count) => count === 3,
  )
  executor.lose('marked lost')
  await executor.idle()
  expect(seen.every(({ signal }) => signal.reason instanceof AttemptStop && signal.reason.reason === 'lost')).toBe(true)
  expect(await states()).toEqual({ Executing: 3 })
})

test('a raised cap is used at once, a lowered one stops nothing', async () => {
  const { kind, seen } = makePatient()
  await queueTasks(sql, 5)
  const executor = await start({ kinds: [kind], cap: 2 })
  await until(
    'two run',
    () => seen.length,
    (count) => count === 2,
  )
  await sql`update node set task_cap = 3`
  executor.wake()
  await until(
    'three run',
    () => seen.length,
    (count) => count === 3,
  )
  await sql`update node set task_cap = 1`
  executor.wake()
  await systemClock.sleep(100)
  expect(executor.runningCount()).toBe(3)
  expect(executor.runningAttempts().map(({ attempt }) => attempt)).toEqual([1, 1, 1])
})

test('while the database does not answer the moment up to which nothing is owed stands still', async () => {
  const { lossy, wrap } = watchLossy()
  const executor = await start({ wrap })
  const age = () => systemClock.monotonicMs() - executor.lastRoundTripMs
  const release = lossy.get('claim')?.hold('claimed as (')
  // An idle node asks each second, so a moment as old as this means that an answer is owed
  await until('an answer is owed', age, (ms) => ms > 1800).finally(() => release?.())
  await until('it was answered', age, (ms) => ms < 1000)
})

test('tagged tasks run one at a time through the executors of two nodes', async () => {
  let now = 0
  let most = 0
  const kind = makeKind(async () => {
    now += 1
    most = Math.max(most, now)
    await systemClock.sleep(5)
    now -= 1
    return { state: 'Success' }
  })
  await queueTasks(sql, 12, { tag: 'production' })
  for (const name of ['node-a', 'node-b']) await start({ name, kinds: [kind] })
  await until('all ended', states, ({ Success }) => Success === 12)
  expect(most).toBe(1)
})
