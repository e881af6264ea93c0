import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { emptyCluster, events, operator, SLOW, untilWaiting } from '../../test/support/cluster-room.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { pauseQueue, resumeQueue } from './pause.ts'
import { readClusterView } from './view.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  await emptyCluster(database.sql)
})

const pauseOf = async () => (await readClusterView(database.sql, SLOW)).pause

test('the queue is paused with a reason, and resumed; both are told with before and after', async () => {
  const { sql } = database
  expect(await pauseOf()).toBeUndefined()
  await pauseQueue(sql, operator, '  storage is being moved ')
  expect(await pauseOf()).toEqual({ reason: 'storage is being moved', by: 'olga', since: expect.any(Date) })
  await resumeQueue(sql, operator)
  expect(await pauseOf()).toBeUndefined()
  expect(await events(sql)).toMatchObject([
    {
      category: 'QueuePaused',
      message: 'The queue was paused: storage is being moved.',
      before: { IsPaused: false },
      after: { IsPaused: true },
    },
    {
      category: 'QueueResumed',
      before: { IsPaused: true, PauseReason: 'storage is being moved' },
      after: { IsPaused: false },
    },
  ])
})

test('pausing a paused queue changes its reason and not its beginning; the same again changes nothing', async () => {
  const { sql } = database
  await pauseQueue(sql, operator, 'first')
  const first = await pauseOf()
  await pauseQueue(sql, { ...operator, username: 'otto' }, 'second')
  await pauseQueue(sql, operator, 'second')
  expect(await pauseOf()).toEqual({ ...first, reason: 'second' })
  expect(await events(sql, 'QueuePaused')).toHaveLength(2)
})

test('resuming a queue that is not paused changes nothing', async () => {
  await resumeQueue(database.sql, operator)
  expect(await events(database.sql)).toEqual([])
})

test('a reason that no list could show is refused', async () => {
  await expect(pauseQueue(database.sql, operator, 'a\nb')).rejects.toMatchObject({ code: 'BadRequest' })
  expect(await pauseOf()).toBeUndefined()
})

test('a pause waits for a claim that is open, so that nothing starts once it was answered', async () => {
  const { sql } = database
  let isPaused = false
  let pause: Promise<void> | undefined
  await sql.begin(async (tx) => {
    await tx`select paused from cluster for share`
    pause = pauseQueue(sql, operator).then(() => {
      isPaused = true
    })
    await untilWaiting(sql)
    expect(isPaused).toBe(false)
  })
  await pause
  expect(await pauseOf()).toBeDefined()
})
