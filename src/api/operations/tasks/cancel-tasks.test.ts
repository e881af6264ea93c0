import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ApiClient } from '../../../../test/support/api-client.ts'
import { createTestUser, type Json, startTestApi, type TestApi } from '../../../../test/support/api-server.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { queueTasks } from '../../../../test/support/task-nodes.ts'
import { systemClock } from '../../../lib/clock.ts'
import { allOperations } from '../../all-operations.ts'

let database: TestDatabase
let api: TestApi
let operator: ApiClient

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { operations: allOperations })
  operator = new ApiClient(api.url, (await createTestUser(database, 'operator')).key)
})

beforeEach(async () => {
  await database.sql`delete from task`
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

const idOf = (number: number | undefined) => `ServerTasks-${number}`

/** The cancellations in the audit trail, newest first. */
const cancellations = async (take: number) =>
  await operator.get(`/api/events?eventCategories=TaskCanceled&take=${take}`)

test('of each task it says what happened, with one event for each that was changed', async () => {
  const [queued, running, cancelling, ended] = await queueTasks(database.sql, 4)
  for (const [id, state] of [
    [running, 'Executing'],
    [cancelling, 'Cancelling'],
    [ended, 'Failed'],
  ] as const)
    await database.sql`
      update task set state = ${state}, attempt = 1, node = 'node-a', incarnation = ${randomUUID()}, started_at = clock_timestamp(),
        completed_at = case when ${state} = 'Failed' then clock_timestamp() end
      where id = ${id ?? 0}`
  const before = (await cancellations(0)).TotalResults
  const body = { taskIds: [ended, queued, 999_999, running, queued, cancelling].map(idOf) }
  expect(await operator.post('/api/tasks/cancel', body)).toEqual({
    Results: [
      { TaskId: idOf(ended), Outcome: 'AlreadyEnded', State: 'Failed' },
      { TaskId: idOf(queued), Outcome: 'Canceled', State: 'Canceled' },
      { TaskId: 'ServerTasks-999999', Outcome: 'NotFound', State: null },
      { TaskId: idOf(running), Outcome: 'Cancelling', State: 'Cancelling' },
      { TaskId: idOf(cancelling), Outcome: 'AlreadyCancelling', State: 'Cancelling' },
    ],
    CanceledCount: 1,
    CancellingCount: 1,
  })
  const told = await cancellations(2)
  expect(told.TotalResults).toBe(before + 2)
  expect(told.Items.map((event: Json) => [event.RelatedDocumentIds, event.Username]).sort()).toEqual([
    [[idOf(queued)], 'operator'],
    [[idOf(running)], 'operator'],
  ])
  expect(await operator.get(`/api/tasks/${idOf(queued)}`)).toMatchObject({
    State: 'Canceled',
    CancelRequestedBy: 'operator',
    ErrorMessage: 'Cancelled by operator before it started.',
  })
  const again = await operator.post('/api/Spaces-1/tasks/cancel', body)
  expect(again.Results.map(({ Outcome }: Json) => Outcome)).toEqual([
    'AlreadyEnded',
    'AlreadyEnded',
    'NotFound',
    'AlreadyCancelling',
    'AlreadyCancelling',
  ])
  expect((await cancellations(0)).TotalResults).toBe(before + 2)
})

test('a thousand are cancelled at once', async () => {
  const ids = await queueTasks(database.sql, 1000)
  const beganMs = systemClock.monotonicMs()
  const answer = await operator.post('/api/tasks/cancel', { TaskIds: ids.map(idOf) })
  const tookMs = systemClock.monotonicMs() - beganMs
  expect(answer.CanceledCount).toBe(1000)
  expect(answer.Results.map(({ TaskId }: Json) => TaskId)).toEqual(ids.map(idOf))
  expect(await database.sql`select count(*) from task where state = 'Canceled'`).toEqual([{ count: 1000 }])
  expect(tookMs).toBeLessThan(10_000)
})

test.each([
  [{}, /TaskIds is missing: a list is expected\./],
  [{ TaskIds: [] }, /TaskIds must have at least 1 entries/],
  [{ TaskIds: ['ServerTasks-1', 7] }, /TaskIds\[1\] must be a text/],
  [{ TaskIds: ['ServerTasks-'] }, /TaskIds\[0\] must be the id of a task such as ServerTasks-7, not "ServerTasks-"\./],
  [{ TaskIds: Array.from({ length: 1001 }, (_, at) => idOf(at)) }, /TaskIds must have at most 1000 entries/],
])('what is no list of tasks is refused and cancels nothing (%#)', async (body, sentence) => {
  const [id] = await queueTasks(database.sql, 1)
  const answer = await operator.request('POST', '/api/tasks/cancel', body)
  expect([answer.status, answer.body.ErrorMessage]).toEqual([400, expect.stringMatching(sentence)])
  expect((await operator.get(`/api/tasks/${idOf(id)}`)).State).toBe('Queued')
})
