import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiClient } from '../../../../test/support/api-client.ts'
import { createTestUser, startTestApi, type TestApi } from '../../../../test/support/api-server.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { realKinds } from '../../../../test/support/kinds.ts'
import { until } from '../../../../test/support/until.ts'
import { HINT_CHANNEL, hintText } from '../../../database/hints.ts'
import { systemClock } from '../../../lib/clock.ts'
import { silentLog } from '../../../lib/log.ts'
import { only } from '../../../lib/must.ts'
import type { TaskOutput } from '../../../tasks/kind.ts'
import { createTaskOutput } from '../../../tasks/log-writer.ts'
import { allOperations } from '../../all-operations.ts'

const DATE = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/)
let database: TestDatabase
let api: TestApi
let client: ApiClient

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { operations: allOperations, kinds: realKinds() })
  client = new ApiClient(api.url, (await createTestUser(database, 'viewer')).key)
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

/** A task that runs its given attempt, as its row and its log would be on a node. */
async function runningTask(): Promise<{
  id: number
  attempt(number: number): Promise<TaskOutput>
  end(state: string, cause: string | null): Promise<void>
}> {
  const { sql } = database
  const { id } = only(
    await sql<{ id: number }[]>`
      insert into task (kind, space, description, expiry_ms, expires_at, when_lost, task_lease_ms)
      values ('AdHocScript', 'Spaces-1', 'Say hello', 86400000, clock_timestamp() + interval '1 day', 'rerun', 20000) returning id`,
  )
  return {
    id,
    async attempt(number) {
      const incarnation = randomUUID()
      await sql`
        insert into task_attempt (task_id, attempt, node, incarnation, started_at, outcome, cause)
        select id, attempt, node, incarnation, started_at, 'Lost', 'node-a was lost.' from task where id = ${id} and attempt > 0`
      await sql`
        update task set state = 'Executing', attempt = ${number}, node = ${`node-${'xab'[number]}`}, incarnation = ${incarnation}, started_at = clock_timestamp()
        where id = ${id}`
      return createTaskOutput(
        { sql, clock: systemClock, log: silentLog },
        { taskId: id, attempt: number, incarnation, ended: new AbortController().signal },
      )
    },
    async end(state, cause) {
      await sql`update task set state = ${state}, cause = ${cause}, completed_at = clock_timestamp() where id = ${id}`
      await sql`select pg_notify(${HINT_CHANNEL}, ${hintText('task', String(id))})`
    },
  }
}

test('the log is read in parts, from the tail, and as text, while the task runs and afterwards', async () => {
  const { id, attempt, end } = await runningTask()
  const path = `/api/tasks/ServerTasks-${id}`
  expect(await client.get(`${path}/log`)).toEqual({
    TaskId: `ServerTasks-${id}`,
    From: 0,
    Next: 0,
    TotalLines: 0,
    IsCompleted: false,
    State: 'Queued',
    Lines: [],
  })
  const output = await attempt(1)
  output.line('output', 'one')
  output.line('error', 'two')
  output.line('tako', 'three')
  await output.end()
  const page = await client.get(`${path}/log?from=1&take=1`)
  expect(page).toEqual({
    TaskId: `ServerTasks-${id}`,
    From: 1,
    Next: 2,
    TotalLines: 3,
    IsCompleted: false,
    State: 'Executing',
    Lines: [{ Number: 1, Attempt: 1, At: DATE, Stream: 'error', Text: 'two' }],
  })
  expect((await client.get(`${path}/log?tail=2`)).Lines.map((line: { Text: string }) => line.Text)).toEqual([
    'two',
    'three',
  ])
  await end('Success', null)
  expect(await client.get(`${path}/log?from=3`)).toMatchObject({ Lines: [], IsCompleted: true, State: 'Success' })
  expect((await client.get(`${path}/log?from=0&take=2`)).IsCompleted).toBe(false)
  expect((await client.get(path)).LogLineCount).toBe(3)
  const raw = await client.request('GET', `${path}/raw`)
  expect(raw).toEqual({ status: 200, body: 'one\ntwo\nthree\n' })
})

test('one who follows gets each line as it comes, and the end', async () => {
  const { id, attempt, end } = await runningTask()
  const follow = (from: number) => client.get(`/api/tasks/ServerTasks-${id}/log?from=${from}&wait=20`)
  const first = follow(0)
  await until('it waits', () => api.context.live.waiters.count === 1)
  const begun = performance.now()
  const output = await attempt(1)
  output.line('output', 'one')
  expect((await first).Lines.map((line: { Text: string }) => line.Text)).toEqual(['one'])
  const second = follow(1)
  await until('it waits', () => api.context.live.waiters.count === 1)
  output.line('output', 'two')
  await output.end()
  expect(await second).toMatchObject({ From: 1, Next: 2, IsCompleted: false })
  const last = follow(2)
  await until('it waits', () => api.context.live.waiters.count === 1)
  await end('Failed', 'Exit code 1.')
  expect(await last).toMatchObject({ Lines: [], IsCompleted: true, State: 'Failed' })
  expect(performance.now() - begun).toBeLessThan(10_000)
})

test('the wait ends after its time, and when the client has gone', async () => {
  const { id } = await runningTask()
  expect(await client.get(`/api/tasks/ServerTasks-${id}/log?wait=0.2`)).toMatchObject({ Lines: [], IsCompleted: false })
  const gone = new AbortController()
  const response = fetch(`${api.url}/api/tasks/ServerTasks-${id}/log?wait=20`, {
    headers: { 'X-Octopus-ApiKey': (await createTestUser(database, 'viewer', 'leaver')).key },
    signal: gone.signal,
  }).catch(() => 'gone')
  await until('it waits', () => api.context.live.waiters.count === 1)
  gone.abort()
  expect(await response).toBe('gone')
  await until('nobody waits', () => api.context.live.waiters.count === 0)
})

test('the details hold the log as a tree with stable ids: the task, and below it its attempts in order', async () => {
  const { id, attempt, end } = await runningTask()
  const lost = await attempt(1)
  lost.line('output', 'begun')
  await lost.end()
  const output = await attempt(2)
  for (let line = 1; line <= 5; line += 1) output.line(line === 5 ? 'error' : 'output', `line ${line}`)
  await output.end()
  const self = `/api/tasks/ServerTasks-${id}/details`
  const during = await client.get(self)
  expect(during.ActivityLogs[0]).toMatchObject({
    Status: 'Running',
    Children: [{ Status: 'Skipped' }, { Status: 'Running', Ended: null }],
  })
  expect(during.Progress).toEqual({ ProgressPercentage: 0, EstimatedTimeRemaining: '' })
  await end('Failed', 'Exit code 1.')
  const details = await client.get(self)
  const {
    Attempts: _,
    QueuePosition: __,
    LogLineCount: ___,
    ...task
  } = await client.get(`/api/tasks/ServerTasks-${id}`)
  expect(details).toMatchObject({
    Id: `ServerTasks-${id}`,
    Task: task,
    Progress: { ProgressPercentage: 100 },
    Links: { Self: self },
  })
  expect(details.PhysicalLogSize).toBeGreaterThan(40)
  expect(details.ActivityLogs).toEqual([
    {
      Id: `ServerTasks-${id}`,
      Name: 'Say hello',
      Status: 'Failed',
      Started: DATE,
      Ended: DATE,
      Children: [
        {
          Id: `ServerTasks-${id}/1`,
          Name: 'Attempt 1 on node-a',
          Status: 'Skipped',
          Started: DATE,
          Ended: DATE,
          Children: [],
          ShowAtSummaryLevel: true,
          LogElements: [{ Category: 'Info', OccurredAt: DATE, MessageText: 'begun', Detail: null, Number: 0 }],
          ProgressPercentage: 100,
          ProgressMessage: 'node-a was lost.',
        },
        expect.objectContaining({
          Id: `ServerTasks-${id}/2`,
          Name: 'Attempt 2 on node-b',
          Status: 'Failed',
          ProgressMessage: 'Exit code 1.',
        }),
      ],
      ShowAtSummaryLevel: true,
      LogElements: [],
      ProgressPercentage: 100,
      ProgressMessage: 'Exit code 1.',
    },
  ])
  expect(elements(details).map((entry) => [entry.Category, entry.MessageText])).toEqual([
    ['Info', 'line 1'],
    ['Info', 'line 2'],
    ['Info', 'line 3'],
    ['Info', 'line 4'],
    ['Error', 'line 5'],
  ])
  expect(elements(await client.get(`${self}?tail=2&verbose=true`)).map(brief)).toEqual(['Gap 1-3', '4', '5'])
  expect(elements(await client.get(`${self}?ranges=4-4,2-2`)).map(brief)).toEqual([
    'Gap 1-1',
    '2',
    'Gap 3-3',
    '4',
    'Gap 5-5',
  ])
  expect(elements(await client.get(`${self}?tail=0`)).map(brief)).toEqual(['Gap 1-5'])
})

interface Entry {
  Category: string
  MessageText: string
  Number: number
  GapLastNumber?: number
}

function elements(details: { ActivityLogs: { Children: { LogElements: Entry[] }[] }[] }): Entry[] {
  return details.ActivityLogs[0]?.Children[1]?.LogElements ?? []
}

function brief(entry: Entry): string {
  return entry.Category === 'Gap' ? `Gap ${entry.Number}-${entry.GapLastNumber}` : String(entry.Number)
}

test('a long log is cut in the tree, where the gap says so, and whole as text', async () => {
  const { id, attempt } = await runningTask()
  const output = await attempt(1)
  for (let line = 0; line < 12_000; line += 1) output.line('output', `line ${line}`)
  await output.end()
  const [root] = (await client.get(`/api/tasks/ServerTasks-${id}/details`)).ActivityLogs
  const [gap, ...rest] = root.Children[0].LogElements
  expect(gap).toMatchObject({
    Category: 'Gap',
    Number: 0,
    GapLastNumber: 6999,
    MessageText: '7000 lines are left out here.',
  })
  expect(rest).toHaveLength(5000)
  const raw: string = (await client.request('GET', `/api/tasks/ServerTasks-${id}/raw`)).body
  expect(raw.split('\n')).toHaveLength(12_001)
})
