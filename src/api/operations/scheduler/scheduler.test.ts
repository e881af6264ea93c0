import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiClient } from '../../../../test/support/api-client.ts'
import { createTestUser, startTestApi, type TestApi } from '../../../../test/support/api-server.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { realKinds } from '../../../../test/support/kinds.ts'
import { until } from '../../../../test/support/until.ts'
import { DAY, HOUR } from '../../../lib/clock.ts'
import { ensureJobs } from '../../../schedule/jobs.ts'
import { allOperations } from '../../all-operations.ts'

const DATE = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/)
let database: TestDatabase
let api: TestApi
let client: ApiClient

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { operations: allOperations, kinds: realKinds() })
  client = new ApiClient(api.url, (await createTestUser(database, 'operator')).key)
  const jobs = [
    { name: 'retention', kind: 'Retention', description: 'Remove what is old', everyMs: 4 * HOUR },
    { name: 'integrity-check', kind: 'SystemIntegrityCheck', description: 'Check', everyMs: 1 * DAY },
  ]
  await ensureJobs(database.sql, jobs, api.context.installationId)
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

async function jobsByName() {
  const { TaskStatus } = await client.get('/api/scheduler')
  return Object.fromEntries(TaskStatus.map((job: { Name: string }) => [job.Name, job]))
}

test('the scheduler lists each recurring job with its last run and its next', async () => {
  const scheduler = await client.get('/api/scheduler')
  expect(scheduler).toMatchObject({ Id: 'scheduler', IsRunning: true, Links: { Self: '/api/scheduler' } })
  expect(scheduler.TaskStatus.map((job: { Id: string }) => job.Id)).toEqual(['integrity-check', 'retention'])
  expect(scheduler.TaskStatus[1]).toEqual({
    Id: 'retention',
    Name: 'retention',
    IsEnabled: true,
    Kind: 'Retention',
    Description: 'Remove what is old',
    Every: '04:00:00',
    NextDue: DATE,
    LastDue: null,
    LastTaskId: null,
    LastNodeId: null,
    LastStarted: null,
    LastDuration: null,
    LastResult: null,
    IsOverdue: false,
    Links: {
      Logs: '/api/scheduler/retention/logs{?verbose,tail}',
      LogsRaw: '/api/scheduler/retention/logs/raw',
      Trigger: '/api/scheduler/trigger?task=retention',
      Start: '/api/scheduler/start?task=retention',
      Stop: '/api/scheduler/stop?task=retention',
    },
  })
  expect((await client.get('/api/scheduler/retention/logs')).ActivityLog).toMatchObject({
    Status: 'Pending',
    LogElements: [],
  })
  expect(await client.get('/api/scheduler/retention/logs/raw')).toBe('')
})

test('jobs are switched off and on, one or all', async () => {
  expect(await client.get('/api/scheduler/stop?task=RETENTION')).toBe('Switched off: retention.')
  expect((await jobsByName()).retention).toMatchObject({ IsEnabled: false, IsOverdue: false })
  expect(await client.get('/api/scheduler/stop')).toMatch(/integrity-check, retention/)
  expect((await client.get('/api/scheduler')).IsRunning).toBe(false)
  await client.get('/api/scheduler/start')
  expect((await client.get('/api/scheduler')).IsRunning).toBe(true)
  const { Items } = await client.get('/api/events?documentTypes=ScheduledTasks')
  expect(Items[0]).toMatchObject({
    Username: 'operator',
    ChangeDetails: { Differences: [{ op: 'replace', path: '/IsEnabled', from: false, value: true }] },
  })
})

test('a triggered job is answered at its end, and not run twice at once', async () => {
  const triggered = client.get('/api/scheduler/trigger?task=retention')
  const id = await until('the task is queued', async () => (await jobsByName()).retention.LastTaskId)
  const again = await client.request('GET', '/api/scheduler/trigger?task=retention')
  expect([again.status, again.body.ErrorMessage]).toEqual([409, expect.stringContaining(id)])
  await database.sql`
    update task set state = 'Success', attempt = 1, node = 'node-a', started_at = clock_timestamp() - interval '90 seconds', completed_at = clock_timestamp()
    where id = ${Number(id.split('-')[1])}`
  expect(await triggered).toBe(`retention runs as ${id}: Success.`)
  expect((await jobsByName()).retention).toMatchObject({
    LastTaskId: id,
    LastNodeId: 'OctopusServerNodes-node-a',
    LastStarted: DATE,
    LastDuration: '00:01:30',
    LastResult: 'Success',
    Links: { LastTask: `/api/tasks/${id}` },
  })
  expect((await client.get('/api/scheduler/retention/logs')).ActivityLog).toMatchObject({ Id: id, Status: 'Success' })
  expect(await client.get(`/api/tasks/${id}`)).toMatchObject({
    Job: 'retention',
    SpaceId: null,
    CanRerun: true,
    CreatedBy: 'operator',
  })
  const rerun = await client.request('POST', `/api/tasks/rerun/${id}`)
  expect([rerun.status, rerun.body.ErrorMessage]).toEqual([403, expect.stringContaining('AdministerSystem')])
})
