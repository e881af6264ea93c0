import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { addNode, claim, openClaimSession, queueTasks } from '../../test/support/task-nodes.ts'
import type { Sql } from '../database/connect.ts'
import {
  countByState,
  listTasks,
  queuedBehind,
  queuePosition,
  queuePositions,
  readTask,
  type TaskFilter,
  taskAttempts,
} from './queries.ts'

let database: TestDatabase
let sql: Sql

const day = (n: number) => new Date(Date.UTC(2026, 0, n))

/** A small world in which every filter leaves something and takes something away. Ids are numbers from 1. */
beforeAll(async () => {
  database = await createTestDatabase()
  sql = database.sql
  const finished = [
    {
      kind: 'AdHocScript',
      state: 'Success',
      node: 'node-a',
      description: 'Run a Bash script',
      space: 'Spaces-1',
      day: 1,
    },
    { kind: 'AdHocScript', state: 'Failed', node: 'node-b', description: 'Run 100% of it', space: 'Spaces-1', day: 2 },
    { kind: 'Retention', state: 'Success', node: 'node-a', description: 'Remove', space: null, day: 3, warnings: true },
    { kind: 'AdHocScript', state: 'Canceled', node: 'node-a', description: 'Run it', space: 'Spaces-1', day: 4 },
    { kind: 'Health', state: 'TimedOut', node: null, description: 'Check', space: 'Spaces-2', day: 5 },
  ]
  for (const { kind, state, node, description, space, day: n, warnings = false } of finished) {
    await sql`
      insert into task (kind, state, node, description, space, has_warnings, queue_time, started_at, completed_at, attempt, expiry_ms, expires_at, when_lost, task_lease_ms)
      values (${kind}, ${state}, ${node}, ${description}, ${space}, ${warnings}, ${day(n)}, ${day(n)}, ${day(n)}, 1, 1, ${day(n)}, 'fail', 1)`
  }
  await queueTasks(sql, 2, { kind: 'Health' })
  await sql`
    insert into task (kind, state, node, incarnation, space, queue_time, started_at, attempt, expiry_ms, expires_at, when_lost, task_lease_ms)
    select 'AdHocScript', state::task_state, 'node-a', gen_random_uuid(), 'Spaces-1', ${day(8)}, ${day(8)}, 1, 1, ${day(9)}, 'fail', 1
    from unnest(array['Executing', 'Cancelling']) state`
})

afterAll(() => database?.drop())

const cases: [string, TaskFilter, number[]][] = [
  ['everything', {}, [9, 8, 7, 6, 5, 4, 3, 2, 1]],
  ['ids', { ids: [2, 7, 99] }, [7, 2]],
  ['a kind in any case', { kinds: ['adhocSCRIPT'] }, [9, 8, 4, 2, 1]],
  ['several kinds', { kinds: ['health', 'retention'] }, [7, 6, 5, 3]],
  ['a kind there is none of', { kinds: ['deploy'] }, []],
  ['part of a kind', { partialKind: 'heal' }, [7, 6, 5]],
  ['part of a kind that waits or has ended, and a kind', { kinds: ['health'], partialKind: 'script' }, []],
  ['a description, with what patterns mean taken for itself', { description: '100%' }, [2]],
  ['a description in any case', { description: 'RUN' }, [4, 2, 1]],
  ['queued', { states: ['Queued'] }, [7, 6]],
  ['one of the running states', { states: ['Cancelling'] }, [9]],
  ['troubled states', { states: ['Failed', 'TimedOut'] }, [5, 2]],
  ['mixed states', { states: ['Success', 'Queued'] }, [7, 6, 3, 1]],
  ['a node, running and ended', { node: 'node-a' }, [9, 8, 4, 3, 1]],
  ['running', { running: true }, [9, 8]],
  ['not running', { running: false }, [7, 6, 5, 4, 3, 2, 1]],
  ['running on a node', { node: 'node-b', running: true }, []],
  ['active', { active: true }, [9, 8, 7, 6]],
  ['ended', { active: false }, [5, 4, 3, 2, 1]],
  ['with warnings or errors', { hasWarningsOrErrors: true }, [5, 3, 2]],
  ['without', { hasWarningsOrErrors: false }, [9, 8, 7, 6, 4, 1]],
  ['a space', { spaces: ['Spaces-1'] }, [9, 8, 4, 2, 1]],
  ['a space and the system', { spaces: ['Spaces-2'], includeSystem: true }, [7, 6, 5, 3]],
  ['only the system', { spaces: [], includeSystem: true }, [7, 6, 3]],
  ['not the system', { includeSystem: false }, [9, 8, 5, 4, 2, 1]],
  ['completed between', { completedFrom: day(2), completedTo: day(4) }, [4, 3, 2]],
  ['completed since', { completedFrom: day(4) }, [5, 4]],
  ['started between', { startedFrom: day(3), startedTo: day(8) }, [9, 8, 5, 4, 3]],
  ['queued until', { queuedTo: day(2) }, [2, 1]],
  ['a kind on a node that failed', { kinds: ['AdHocScript'], node: 'node-b', states: ['Failed'] }, [2]],
]

test.each(cases)('%s', async (_, filter, ids) => {
  expect((await listTasks(sql, filter, { skip: 0, take: 30 })).map(({ id }) => id)).toEqual(ids)
  const page = await listTasks(sql, filter, { skip: 1, take: 2 })
  expect(page.map(({ id }) => id)).toEqual(ids.slice(1, 3))
  const all = await sql<{ state: string }[]>`select state from task where id = any (${ids}::bigint[])`
  const expected: Record<string, number> = {}
  for (const { state } of all) expected[state] = (expected[state] ?? 0) + 1
  expect(await countByState(sql, filter)).toEqual(expected)
})

test('a task is read with everything the wire shows', async () => {
  expect(await readTask(sql, 2)).toMatchObject({
    kind: 'AdHocScript',
    state: 'Failed',
    priority: 0,
    isMovedToTop: false,
    tag: null,
    lost: false,
  })
  expect(await readTask(sql, 999)).toBeUndefined()
})

test('the attempts of a task are those that went back and the last', async () => {
  await sql`insert into task_attempt (task_id, attempt, node, outcome, cause) values (8, 1, 'node-b', 'Lost', 'node-b was lost')`
  await sql`update task set attempt = 2 where id = 8`
  expect(await taskAttempts(sql, 8)).toMatchObject([
    { attempt: 1, node: 'node-b', outcome: 'Lost', cause: 'node-b was lost' },
    { attempt: 2, node: 'node-a', outcome: null, endedAt: null },
  ])
  expect(await taskAttempts(sql, 6)).toEqual([])
})

test('the position shown is the order in which tasks start', async () => {
  const own = await createTestDatabase()
  const session = openClaimSession(own, 'node-a')
  const node = await addNode(own.sql, 'node-a', 1)
  await queueTasks(own.sql, 12, { ageMs: 5000 })
  await own.sql`update task set rank = (id * 7) % 3 - 1, top = case when id % 5 = 0 then -id else 0 end`
  const ids = (await own.sql<{ id: number }[]>`select id from task`).map(({ id }) => id)
  const positions = await Promise.all(ids.map(async (id) => ({ id, position: await queuePosition(own.sql, id) })))
  expect(positions.map(({ position }) => position).toSorted((a = 0, b = 0) => a - b)).toEqual(
    ids.map((_, index) => index),
  )
  expect(await queuePositions(own.sql, ids)).toEqual(new Map(positions.map(({ id, position }) => [id, position])))
  const last = positions.find(({ position }) => position === 11)?.id ?? 0
  const behind = await queuedBehind(own.sql, last, { skip: 0, take: 100 })
  expect(behind.map(({ id }) => id)).not.toContain(last)
  const shown = [...behind.map(({ id }) => id), last]
  expect((await queuedBehind(own.sql, last, { skip: 3, take: 2 })).map(({ id }) => id)).toEqual(shown.slice(3, 5))
  const started: (number | undefined)[] = []
  for (const _ of ids) started.push((await claim(session, node)).tasks[0]?.id)
  expect(started).toEqual(shown)
  expect(await queuePosition(own.sql, last)).toBeUndefined()
  expect(await queuedBehind(own.sql, last, { skip: 0, take: 10 })).toEqual([])
  await session.end({ timeout: 1 })
  await own.drop()
})

test('tagged tasks have their place among the others, and future ones come after all that are due', async () => {
  const own = await createTestDatabase()
  const [first, tagged = 0, last = 0, future = 0] = [
    ...(await queueTasks(own.sql, 1, { ageMs: 4000 })),
    ...(await queueTasks(own.sql, 1, { ageMs: 3000, tag: 'x' })),
    ...(await queueTasks(own.sql, 2, { ageMs: 2000 })),
  ]
  await own.sql`update task set due = false, queue_time = clock_timestamp() + interval '1 h' where id = ${future}`
  const positions = await Promise.all([tagged, last, future].map((id) => queuePosition(own.sql, id)))
  expect(await queuePositions(own.sql, [tagged, last, future])).toEqual(
    new Map([
      [tagged, 1],
      [last, 2],
    ]),
  )
  expect(positions).toEqual([1, 2, 3])
  expect((await queuedBehind(own.sql, last, { skip: 0, take: 9 })).map(({ id }) => id)).toEqual([first, tagged])
  await own.drop()
})
