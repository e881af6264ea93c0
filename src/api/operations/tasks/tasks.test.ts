import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ApiClient } from '../../../../test/support/api-client.ts'
import { createTestUser, startTestApi, type TestApi } from '../../../../test/support/api-server.ts'
import { insertNodeRows } from '../../../../test/support/cluster-rows.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { realKinds } from '../../../../test/support/kinds.ts'
import { allOperations } from '../../all-operations.ts'

const DATE = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/)
const SCRIPT = { ScriptBody: 'echo hello', Syntax: 'Bash', TargetType: 'OctopusServer' }
let database: TestDatabase
let api: TestApi
let client: ApiClient
let key: string

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { operations: allOperations, kinds: realKinds() })
  ;({ key } = await createTestUser(database, 'administrator'))
  client = new ApiClient(api.url, key)
})

beforeEach(async () => {
  await database.sql`delete from task`
  await database.sql`delete from node`
  await database.sql`delete from node_beat`
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

/** Changes a task's row as its node would; what runs belongs to an incarnation. */
async function setTask(id: string, columns: Record<string, unknown>): Promise<void> {
  await database.sql`update task set ${database.sql({ incarnation: randomUUID(), ...columns })} where id = ${Number(id.split('-')[1])}`
}

test('a created task has the shape of the wire, and is the same in the list', async () => {
  const answer = await client.request('POST', '/api/Spaces-1/tasks', {
    name: 'adhocscript',
    description: 'Say hello',
    arguments: { scriptBody: 'echo hello', Syntax: null, MachineIds: null, TargetType: 'OctopusServer' },
    TimeLimit: '00:05:00',
    Priority: 3,
    Links: { Self: 'x' },
  })
  expect(answer.status).toBe(201)
  const id = answer.body.Id
  const self = `/api/tasks/${id}`
  expect(answer.body).toEqual({
    Id: expect.stringMatching(/^ServerTasks-\d+$/),
    SpaceId: 'Spaces-1',
    Name: 'AdHocScript',
    Description: 'Say hello',
    Arguments: { ...SCRIPT, ScriptArguments: [], EnvironmentVariables: {} },
    State: 'Queued',
    Completed: 'Queued...',
    QueueTime: DATE,
    QueueTimeExpiry: DATE,
    StartTime: null,
    LastUpdatedTime: DATE,
    CompletedTime: null,
    ServerNode: null,
    NodeName: null,
    NodeSilent: null,
    Duration: '',
    ErrorMessage: '',
    HasBeenPickedUpByProcessor: false,
    IsCompleted: false,
    FinishedSuccessfully: false,
    HasPendingInterruptions: false,
    PendingInterruptionTypes: [],
    HasPendingPreconditions: false,
    PendingPreconditionTypes: [],
    CanRerun: false,
    HasWarningsOrErrors: false,
    ProjectId: null,
    EstimatedRemainingQueueDurationSeconds: 0,
    WaitingBecause: 'No node is online.',
    Priority: 3,
    IsMovedToTop: false,
    Attempt: 0,
    TimesLost: 0,
    IsLost: false,
    QueuePosition: 0,
    ExitCode: null,
    TimeLimit: '00:05:00',
    CreatedBy: 'administrator',
    CancelRequestedAt: null,
    CancelRequestedBy: null,
    RerunOf: null,
    Job: null,
    Links: {
      Self: self,
      Web: `/app#/Spaces-1/tasks/${id}`,
      Raw: `${self}/raw`,
      Rerun: `/api/tasks/rerun/${id}`,
      Cancel: `${self}/cancel`,
      Abandon: `${self}/abandon`,
      State: `${self}/state`,
      Prioritize: `${self}/prioritize`,
      QueuedBehind: `${self}/queued-behind{?skip,take}`,
      Details: `${self}/details{?verbose,tail,ranges}`,
      Log: `${self}/log{?from,take,tail,wait}`,
      StatusMessages: `${self}/status/messages`,
    },
  })
  const { Items } = await client.get('/api/tasks')
  expect(Items).toEqual([answer.body])
  expect(await client.get(self)).toEqual({ ...answer.body, Attempts: [], QueuePosition: 0, LogLineCount: 0 })
  expect(await client.get('/api/tasks/all')).toEqual([answer.body])
})

test('the same Idempotency-Key creates one task', async () => {
  const send = () =>
    fetch(`${api.url}/api/tasks`, {
      method: 'POST',
      headers: { 'X-Octopus-ApiKey': key, 'Idempotency-Key': 'once' },
      body: JSON.stringify({ Name: 'AdHocScript', Arguments: SCRIPT }),
    }).then(async (response) => (await response.json()) as { Id: string })
  const answers = await Promise.all([send(), send(), send()])
  expect(new Set(answers.map((task) => task.Id)).size).toBe(1)
  expect((await client.get('/api/tasks')).TotalResults).toBe(1)
})

test('queue time, expiry and space are read in all their forms', async () => {
  const later = new Date(Date.now() + 3_600_000)
  const scheduled = await client.post('/api/tasks', {
    Name: 'AdHocScript',
    Arguments: SCRIPT,
    QueueTime: later.toISOString(),
    QueueTimeExpiry: '00:10:00',
    SpaceId: 'Spaces-1',
  })
  expect(scheduled.QueueTime).toBe(later.toISOString().replace('Z', '+00:00'))
  expect(Date.parse(scheduled.QueueTimeExpiry) - later.getTime()).toBe(600_000)
  const expiring = await client.post('/api/tasks', {
    Name: 'AdHocScript',
    Arguments: SCRIPT,
    QueueTime: '2020-01-01T00:00:00Z',
    QueueTimeExpiry: new Date(Date.now() + 60_000).toISOString(),
  })
  expect(Date.parse(expiring.QueueTime)).toBeGreaterThan(Date.now() - 60_000)
  expect(Math.abs(Date.parse(expiring.QueueTimeExpiry) - Date.now() - 60_000)).toBeLessThan(10_000)
  const system = await client.post('/api/tasks', { Name: 'SystemIntegrityCheck', SpaceId: null })
  expect(system.SpaceId).toBeNull()
})

test('a queued task says why it waits, in lists too', async () => {
  const id = (await client.post('/api/tasks', { Name: 'AdHocScript', Arguments: SCRIPT })).Id
  const because = async () => {
    const { Items } = await client.get('/api/tasks')
    const fromList = Items.find((task: { Id: string }) => task.Id === id)
    const alone = await client.get(`/api/tasks/${id}`)
    expect(fromList.WaitingBecause).toBe(alone.WaitingBecause)
    return alone.WaitingBecause
  }
  await insertNodeRows(database.sql, { name: 'node-a', cap: 0, silentSeconds: -3600 })
  expect(await because()).toMatch(/task cap of 0 \(node-a\)/)
  await client.post('/api/octopusservernodes/node-a/drain', { Reason: 'patching', ConfirmLastNode: true })
  expect(await because()).toMatch(/drained \(node-a\)/)
  await client.post('/api/queue/pause', { Reason: 'think first' })
  expect(await because()).toMatch(/paused by administrator: think first/)
  await client.post('/api/queue/resume')
  await setTask(id, { tag: 'database-1' })
  const holder = await client.post('/api/tasks', { Name: 'AdHocScript', Arguments: SCRIPT })
  await setTask(holder.Id, { tag: 'database-1', state: 'Executing', node: 'node-a', attempt: 1 })
  expect(await because()).toMatch(new RegExp(`${holder.Id} on node-a .*database-1`))
  await setTask(id, { queue_time: new Date(Date.now() + 7_200_000), due: false })
  expect(await because()).toMatch(/It is to start at .*, in 1h/)
  expect((await client.get(`/api/tasks/${id}/status/messages`))[0]).toMatchObject({
    Category: 'Wait',
    MessageText: await because(),
  })
})

test('a task of a silent node says since when, and when it will be settled', async () => {
  const { incarnation } = await insertNodeRows(database.sql, { name: 'node-a', silentSeconds: 30 })
  const { Id } = await client.post('/api/tasks', { Name: 'AdHocScript', Arguments: SCRIPT })
  await setTask(Id, {
    state: 'Executing',
    node: 'node-a',
    incarnation,
    attempt: 1,
    started_at: new Date(Date.now() - 90_000),
  })
  const task = await client.get(`/api/tasks/${Id}`)
  expect(task).toMatchObject({
    State: 'Executing',
    ServerNode: 'OctopusServerNodes-node-a',
    NodeName: 'node-a',
    HasBeenPickedUpByProcessor: true,
    NodeSilent: { Since: DATE, SettledAt: DATE },
    Duration: '1 minute',
    Attempts: [
      {
        Attempt: 1,
        NodeId: 'OctopusServerNodes-node-a',
        NodeName: 'node-a',
        StartTime: DATE,
        EndTime: null,
        Outcome: null,
        Cause: null,
      },
    ],
    QueuePosition: null,
  })
  expect(Date.parse(task.NodeSilent.SettledAt) - Date.parse(task.NodeSilent.Since)).toBe(300_000)
  await database.sql`update node_beat set last_seen = clock_timestamp()`
  expect((await client.get(`/api/tasks/${Id}`)).NodeSilent).toBeNull()
})

test('the place in the queue is the place in the order of what is queued behind', async () => {
  const ids: string[] = []
  for (const Priority of [0, 0, 5, 0])
    ids.push((await client.post('/api/tasks', { Name: 'AdHocScript', Arguments: SCRIPT, Priority })).Id)
  const [first, second, urgent, last] = ids
  expect(await client.request('POST', `/api/tasks/${second}/prioritize`)).toEqual({ status: 200, body: '' })
  const ahead = await client.get(`/api/tasks/${last}/queued-behind`)
  expect(ahead.Items.map((task: { Id: string }) => task.Id)).toEqual([second, urgent, first])
  expect(ahead.TotalResults).toBe(3)
  expect((await client.get(`/api/tasks/${last}`)).QueuePosition).toBe(3)
  expect((await client.get(`/api/tasks/${second}`)).QueuePosition).toBe(0)
  const list: { Items: { Id: string; QueuePosition: number | null }[] } = await client.get('/api/tasks?states=Queued')
  const places = new Map(list.Items.map((task) => [task.Id, task.QueuePosition]))
  expect([second, urgent, first, last].map((id) => places.get(id ?? ''))).toEqual([0, 1, 2, 3])
  const page = await client.get(`/api/tasks/${last}/queued-behind?skip=1&take=1`)
  expect(page.Items.map((task: { Id: string }) => task.Id)).toEqual([urgent])
})

test('cancel ends a waiting task, and leaves an ended one as it is', async () => {
  const { Id } = await client.post('/api/tasks', { Name: 'AdHocScript', Arguments: SCRIPT })
  const canceled = await client.post(`/api/spaces/Spaces-1/tasks/${Id}/cancel`)
  expect(canceled).toMatchObject({
    State: 'Canceled',
    IsCompleted: true,
    FinishedSuccessfully: false,
    CanRerun: true,
    CompletedTime: DATE,
    CancelRequestedBy: 'administrator',
  })
  expect(await client.post(`/api/tasks/${Id}/cancel`)).toEqual(canceled)
  const rerun = await client.request('POST', `/api/tasks/rerun/${Id}`)
  expect(rerun.status).toBe(201)
  expect(rerun.body).toMatchObject({ State: 'Queued', RerunOf: Id, Arguments: SCRIPT })
  expect((await client.request('POST', `/api/tasks/rerun/${rerun.body.Id}`)).status).toBe(409)
})

test('the state of an ended task can be overridden, with a reason, and a running one is canceled by it', async () => {
  const { Id } = await client.post('/api/tasks', { Name: 'AdHocScript', Arguments: SCRIPT })
  await setTask(Id, { state: 'Executing', attempt: 1 })
  expect((await client.request('POST', `/api/tasks/${Id}/state`, { state: 'Success', reason: 'fine' })).status).toBe(
    409,
  )
  expect(await client.post(`/api/tasks/${Id}/state`, { state: 'canceled', reason: 'stop it' })).toMatchObject({
    State: 'Cancelling',
  })
  await setTask(Id, { state: 'Failed', completed_at: new Date(), cause: 'Exit code 3.' })
  const set = await client.post(`/api/tasks/${Id}/state`, { State: 'Success', Reason: 'The error does not matter.' })
  expect(set).toMatchObject({
    State: 'Success',
    FinishedSuccessfully: true,
    ErrorMessage: 'Set from Failed to Success by administrator: The error does not matter. Before: Exit code 3.',
  })
  const { Items } = await client.get(`/api/events?regarding=${Id}&eventCategories=Modified`)
  expect(Items[0].ChangeDetails.Differences).toEqual([
    { op: 'replace', path: '/State', from: 'Failed', value: 'Success' },
    { op: 'add', path: '/Reason', value: 'The error does not matter.' },
  ])
})

test('only what has been Cancelling for long is abandoned', async () => {
  const { Id } = await client.post('/api/tasks', { Name: 'AdHocScript', Arguments: SCRIPT })
  const early = await client.request('POST', `/api/tasks/${Id}/abandon`)
  expect([early.status, early.body.ErrorMessage]).toEqual([409, expect.stringMatching(/Cancel it first/)])
  await setTask(Id, { state: 'Cancelling', attempt: 1, node: 'node-a', cancel_at: new Date(Date.now() - 3_600_000) })
  expect(await client.post(`/api/tasks/${Id}/abandon`)).toMatchObject({
    State: 'Canceled',
    ErrorMessage: expect.stringMatching(/^Abandoned by administrator/),
  })
})

test('the task types are the kinds there are', async () => {
  const types = await client.get('/api/tasks/tasktypes')
  expect(types.map((type: { Id: string }) => type.Id)).toEqual(['AdHocScript', 'SystemIntegrityCheck', 'Retention'])
  expect(types[0]).toEqual({
    Id: 'AdHocScript',
    Name: 'AdHocScript',
    Title: 'Run a script',
    CanBeCreated: true,
    Links: { Tasks: '/api/tasks?name=AdHocScript' },
  })
})
