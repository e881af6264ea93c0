import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { addNode, makeKind } from '../../test/support/task-nodes.ts'
import { defaultTimings } from '../cluster/timings.ts'
import type { Sql } from '../database/connect.ts'
import { systemActor } from '../identity/actor.ts'
import { HOUR } from '../lib/clock.ts'
import { KindRegistry } from '../tasks/kind.ts'
import { runJobNow, setJobEnabled } from './change-job.ts'
import { ensureJobs, listJobs, type RecurringJob } from './jobs.ts'
import { type Lead, makeDue } from './make-due.ts'

const INSTALLATION = '6f2c1a54-9f0e-4a55-8f43-6a4a3b8f8a11'
const actor = { ...systemActor('node-a'), username: 'ann' }
const registry = new KindRegistry([makeKind(undefined, { name: 'Retention', scope: 'system', runsOn: 'leader' })])
const parts = { registry, timings: defaultTimings }
const job: RecurringJob = { name: 'retention', kind: 'Retention', description: 'Remove what is old', everyMs: HOUR }

let database: TestDatabase
let sql: Sql
let lead: Lead

beforeEach(async () => {
  database = await createTestDatabase()
  sql = database.sql
  const { incarnation } = await addNode(sql, 'node-a')
  await sql`update leadership set node = 'node-a', incarnation = ${incarnation}, term = 3`
  lead = { incarnation, term: 3 }
  await ensureJobs(sql, [job], INSTALLATION)
})

afterEach(() => database?.drop())

const make = (as = lead) => makeDue(sql, as, registry, defaultTimings)

/** As if so many hours had passed: the next due time lies so much further back, and those of earlier runs long ago. */
async function comeDue(hours = 1) {
  await sql`update recurring_job set next_due = next_due - ${hours}::int * interval '1 h'`
  await sql`update task set job_due = timestamptz 'epoch' + id * interval '1 h'`
}

const endAll = () =>
  sql`update task set state = 'Success', node = 'node-a', started_at = clock_timestamp(), completed_at = clock_timestamp()`
const tasks = () => sql`select * from task order by id`

test('a job is not due before its time, then becomes one task, and is due again a period later', async () => {
  expect(await make()).toEqual([])
  await comeDue()
  expect(await make()).toEqual(['retention'])
  expect(await tasks()).toMatchObject([
    {
      kind: 'Retention',
      state: 'Queued',
      due: true,
      space: null,
      description: 'Remove what is old',
      leader_only: true,
      tag: 'Retention',
      created_by: 'system',
      job: 'retention',
      job_due: expect.any(Date),
    },
  ])
  const [row] = await sql`
    select next_due > clock_timestamp() and next_due <= clock_timestamp() + interval '1 h' as is_next, last_task,
      extract(epoch from next_due - last_due)::int as period from recurring_job`
  expect(row).toEqual({ is_next: true, last_task: 1, period: 3600 })
})

test('missed due times collapse into one run', async () => {
  await comeDue(50)
  expect(await make()).toEqual(['retention'])
  await endAll()
  expect(await make()).toEqual([])
  expect(await tasks()).toHaveLength(1)
})

test('while its last task has not ended a job is not made due again; afterwards it is, once', async () => {
  await comeDue()
  await make()
  await comeDue(5)
  expect(await make()).toEqual([])
  await endAll()
  expect(await make()).toEqual(['retention'])
  expect(await make()).toEqual([])
  expect(await tasks()).toHaveLength(2)
})

test('who does not lead, or led in an earlier term, makes nothing', async () => {
  await comeDue()
  expect(await make({ ...lead, term: 2 })).toEqual([])
  expect(await make({ ...lead, incarnation: INSTALLATION })).toEqual([])
  expect(await tasks()).toEqual([])
})

test('two who believe to lead, and ask again and again at once, make each due time one task', async () => {
  for (let round = 1; round <= 15; round += 1) {
    await comeDue()
    await Promise.all([make(), make({ ...lead, term: 2 }), make(), make(), make()])
    expect(await tasks()).toHaveLength(round)
    await endAll()
  }
})

test('a takeover that was committed first is seen, and one under way is waited for', async () => {
  await comeDue()
  let making: Promise<string[]> | undefined
  await sql.begin(async (tx) => {
    await tx`update leadership set term = 4, incarnation = ${INSTALLATION}`
    making = make()
    await new Promise((resolve) => setTimeout(resolve, 100))
  })
  expect(await making).toEqual([])
  expect(await tasks()).toEqual([])
})

test('a run by hand is made from any node, never a second one beside it, and leaves the next due time', async () => {
  const [before] = await listJobs(sql)
  const id = await runJobNow(sql, 'retention', parts, actor)
  await expect(runJobNow(sql, 'retention', parts, actor)).rejects.toMatchObject({
    code: 'Conflict',
    message: expect.stringContaining(`ServerTasks-${id}`),
  })
  await comeDue()
  expect(await make()).toEqual([])
  const [after] = await listJobs(sql)
  expect(after).toMatchObject({ lastTask: id, nextDue: new Date((before?.nextDue.getTime() ?? 0) - HOUR) })
  expect(await tasks()).toHaveLength(1)
})

test('runs by hand and by time at once never make two', async () => {
  for (let round = 1; round <= 15; round += 1) {
    await comeDue()
    await Promise.allSettled([
      runJobNow(sql, 'retention', parts, actor),
      make(),
      make(),
      runJobNow(sql, 'retention', parts, actor),
    ])
    expect(await sql`select 1 from task where completed_at is null`).toHaveLength(1)
    await endAll()
    await make()
    await endAll()
  }
})

test('a job that is switched off is not due, and may still be run by hand', async () => {
  await comeDue()
  await setJobEnabled(sql, 'retention', false, actor)
  await setJobEnabled(sql, 'retention', false, actor)
  expect(await make()).toEqual([])
  await runJobNow(sql, 'retention', parts, actor)
  await endAll()
  await setJobEnabled(sql, 'retention', true, actor)
  expect(await make()).toEqual(['retention'])
  const events = await sql`select before, after from event where message like '%switched%'`
  expect(events).toEqual([
    { before: { IsEnabled: true }, after: { IsEnabled: false } },
    { before: { IsEnabled: false }, after: { IsEnabled: true } },
  ])
})

test('unknown jobs are a 404, and a kind this node does not know is refused', async () => {
  for (const act of [() => setJobEnabled(sql, 'none', true, actor), () => runJobNow(sql, 'none', parts, actor)]) {
    await expect(act()).rejects.toMatchObject({ code: 'NotFound' })
  }
  const empty = { registry: new KindRegistry([]), timings: defaultTimings }
  await expect(runJobNow(sql, 'retention', empty, actor)).rejects.toMatchObject({ code: 'Conflict' })
  await comeDue()
  expect(await makeDue(sql, lead, empty.registry, defaultTimings)).toEqual([])
})

test('jobs are listed with their last run, and overdue after two periods', async () => {
  expect(await listJobs(sql)).toMatchObject([
    { name: 'retention', everyMs: HOUR, enabled: true, lastTask: null, isOverdue: false },
  ])
  await comeDue(2)
  expect(await listJobs(sql)).toMatchObject([{ isOverdue: false }])
  await comeDue(2)
  expect(await listJobs(sql)).toMatchObject([{ isOverdue: true }])
  await make()
  await endAll()
  expect(await listJobs(sql)).toMatchObject([
    {
      isOverdue: false,
      lastNode: 'node-a',
      lastState: 'Success',
      lastStarted: expect.any(Date),
      lastCompleted: expect.any(Date),
    },
  ])
})

test('entering jobs again keeps what operators decided and when they are due, unless the period changed', async () => {
  await setJobEnabled(sql, 'retention', false, actor)
  const [before] = await listJobs(sql)
  await ensureJobs(sql, [{ ...job, description: 'Other words' }], INSTALLATION)
  expect(await listJobs(sql)).toMatchObject([{ description: 'Other words', enabled: false, nextDue: before?.nextDue }])
  await ensureJobs(sql, [{ ...job, everyMs: 2 * HOUR }], INSTALLATION)
  const [after] = await listJobs(sql)
  expect(after).toMatchObject({ everyMs: 2 * HOUR, enabled: false })
})
