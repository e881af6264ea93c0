import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { systemClock } from '../lib/clock.ts'
import { must, only } from '../lib/must.ts'
import { readNodeLoad } from './node-load.ts'

const MINUTE = 60_000
let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
})
beforeEach(async () => {
  await database.sql`delete from task`
})
afterAll(() => database.drop())

interface AttemptPlan {
  /** Seconds from the beginning of the first minute; may be before it. */
  start: number
  /** Undefined while it runs. */
  end: number | undefined
  how: 'Success' | 'Failed' | 'TimedOut' | 'Canceled' | 'Lost' | 'HandedBack' | 'NotStarted'
  node: 'node-a' | 'node-b'
}

/** Writes the attempt as its node, or whoever settled it, would have left it. */
async function insertAttempts(plans: readonly AttemptPlan[], firstMs: number): Promise<void> {
  const { sql } = database
  const at = (seconds: number) => new Date(firstMs + seconds * 1000)
  for (const { start, end, how, node } of plans) {
    const isTask = end === undefined || !['Lost', 'HandedBack', 'NotStarted'].includes(how)
    const state = end === undefined ? 'Executing' : isTask ? how : 'Queued'
    const own = isTask ? { node, started_at: at(start), completed_at: end === undefined ? null : at(end) } : {}
    const { id } = only(
      await sql<{ id: number }[]>`
        insert into task ${sql({ kind: 'Test', state, expiry_ms: 1, expires_at: new Date(), when_lost: 'fail', task_lease_ms: 1, attempt: 1, incarnation: 'f00d0000-0000-4000-8000-000000000000', ...own })} returning id`,
    )
    if (!isTask && end !== undefined)
      await sql`insert into task_attempt ${sql({ task_id: id, attempt: 1, node, started_at: at(start), ended_at: at(end), outcome: how, cause: 'x' })}`
  }
}

/** The same by hand: looks at every second in which something changes. */
function expected(plans: readonly AttemptPlan[], minute: number) {
  const mine = plans.filter(({ node, how, end }) => node === 'node-a' && (how !== 'NotStarted' || end === undefined))
  const within = (seconds: number) => seconds >= minute * 60 && seconds < minute * 60 + 60
  const moments = [minute * 60, ...mine.map(({ start }) => start).filter(within)]
  const ended = mine.filter(({ end }) => end !== undefined && within(end))
  return {
    running: Math.max(
      ...moments.map((moment) => mine.filter(({ start, end = 1e9 }) => start <= moment && moment < end).length),
    ),
    started: mine.filter(({ start }) => within(start)).length,
    finished: ended.length,
    failed: ended.filter(({ how }) => ['Failed', 'TimedOut', 'Lost'].includes(how)).length,
  }
}

const MINUTES = 5
/** The present minute has only just begun, or is under way; nothing is planned in it. */
const plan = fc
  .record({
    start: fc.integer({ min: -100, max: 4 * 60 - 1 }),
    took: fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined }),
    how: fc.constantFrom<AttemptPlan['how']>(
      'Success',
      'Failed',
      'TimedOut',
      'Canceled',
      'Lost',
      'HandedBack',
      'NotStarted',
    ),
    node: fc.constantFrom<AttemptPlan['node']>('node-a', 'node-a', 'node-b'),
  })
  .map(({ start, took, how, node }): AttemptPlan => ({ start, how, node, end: took && Math.min(start + took, 4 * 60) }))
  // What ends in the very moment in which a minute begins may be counted in it or not.
  .filter(({ start, end }) => end === undefined || (end > start && end % 60 !== 0))

test('each minute tells the most that ran at once, and what began, ended and failed in it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(plan, { maxLength: 25 }), async (plans) => {
      const { sql } = database
      await sql`delete from task`
      await untilNotMinutesEnd()
      const { now } = only(await sql<{ now: Date }[]>`select date_trunc('minute', clock_timestamp()) as now`)
      const firstMs = now.getTime() - (MINUTES - 1) * MINUTE
      await insertAttempts(plans, firstMs)
      const load = await readNodeLoad(sql, 'node-a', MINUTES)
      expect(load.map(({ at }) => at.getTime())).toEqual([0, 1, 2, 3, 4].map((minute) => firstMs + minute * MINUTE))
      expect(load.map(({ at: _, ...counts }) => counts)).toEqual(
        [0, 1, 2, 3, 4].map((minute) => expected(plans, minute)),
      )
    }),
    { numRuns: 40 },
  )
})

/** Time enough that the minute does not change in the middle. */
async function untilNotMinutesEnd(): Promise<void> {
  while (Date.now() % MINUTE > 57_000) await systemClock.sleep(200)
}

test('of 200,000 tasks only those of the last hour are read, 20,000 of the node’s own in well under a second', async () => {
  const { sql } = database
  await fill(200_000, 60_000)
  await sql`analyze task`
  const tookMs: number[] = []
  for (let run = 0; run < 8; run += 1) {
    const beganMs = systemClock.monotonicMs()
    const load = await readNodeLoad(sql, 'node-1', 60)
    tookMs.push(Math.round(systemClock.monotonicMs() - beganMs))
    const finished = load.reduce((sum, minute) => sum + minute.finished, 0)
    expect([load.length, finished > 19_000, finished <= 20_000]).toEqual([60, true, true])
  }
  expect(Math.min(...tookMs), `took ${tookMs.join(', ')} ms`).toBeLessThan(250)
  const [before, after] = await sql.begin(async (tx) => {
    const reads = () => tx<{ whole: number; rows: number }[]>`
      select seq_scan as whole, idx_tup_fetch as rows from pg_stat_xact_user_tables where relname = 'task'`
    const [first] = await reads()
    await readNodeLoad(tx, 'node-1', 60)
    return [must(first), only(await reads())]
  })
  expect(after.whole - before.whole).toBe(0)
  expect(after.rows - before.rows).toBeLessThanOrEqual(60_000)
})

/** Finished tasks of three nodes, the newest ones spread over the last hour. */
async function fill(total: number, recent: number): Promise<void> {
  await database.sql`
    insert into task (kind, arguments, state, queue_time, expiry_ms, expires_at, when_lost, task_lease_ms, attempt, node, incarnation, started_at, completed_at)
    select 'Test', '{"ScriptBody":"echo hello"}', case when n % 17 = 0 then 'Failed' else 'Success' end::task_state, at, 1, at, 'fail', 1, 1, 'node-' || n % 3, gen_random_uuid(),
      at - n % 40 * interval '1 s', at
    from (select n, clock_timestamp() - interval '1 hour' * case when n <= ${recent}::int then n / ${recent}::float8 else n / 1000.0 end as at
      from generate_series(1, ${total}::int) as n) finished`
}
