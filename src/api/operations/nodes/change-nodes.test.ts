import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ApiClient } from '../../../../test/support/api-client.ts'
import { createTestUser, startTestApi, type TestApi } from '../../../../test/support/api-server.ts'
import { insertNodeRows } from '../../../../test/support/cluster-rows.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { realKinds } from '../../../../test/support/kinds.ts'
import type { Role } from '../../../identity/permissions.ts'
import { allOperations } from '../../all-operations.ts'

const NODE = '/api/octopusservernodes/OctopusServerNodes-node-a'
let database: TestDatabase
let api: TestApi
const clients = new Map<Role, ApiClient>()
const keys = new Map<Role, string>()

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { operations: allOperations, kinds: realKinds() })
  for (const role of ['administrator', 'operator', 'viewer'] as const) {
    const { key } = await createTestUser(database, role)
    keys.set(role, key)
    clients.set(role, new ApiClient(api.url, key))
  }
})

beforeEach(async () => {
  await database.sql`delete from node`
  await database.sql`delete from node_beat`
  await database.sql`update leadership set node = null, incarnation = null`
  await insertNodeRows(database.sql, { name: 'node-a', leads: true, silentSeconds: -3600 })
  await insertNodeRows(database.sql, { name: 'node-b', silentSeconds: -3600 })
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

function as(role: Role): ApiClient {
  const client = clients.get(role)
  if (!client) throw new Error(`no ${role}`)
  return client
}

async function lastEvent(): Promise<{ Category: string; Username: string; ChangeDetails: { Differences: unknown[] } }> {
  return (await as('viewer').get('/api/events?take=1')).Items[0]
}

test('the drain of a node is shown with its options, by whom and since when, and ends with the undrain', async () => {
  const drained = await as('operator').post(`${NODE}/drain`, {
    reason: 'Windows updates',
    Deadline: '30m',
    CancelAtDeadline: 'true',
    UndrainAt: '2100-01-01T00:00:00Z',
  })
  expect(drained).toMatchObject({
    Id: 'OctopusServerNodes-node-a',
    Status: 'Drained',
    IsInMaintenanceMode: true,
    IsLeader: false,
    CanClaim: false,
  })
  expect(drained.Warnings).toEqual(['It is in drain mode, set by operator: Windows updates.'])
  expect(drained.Drain).toEqual({
    Number: 1,
    Reason: 'Windows updates',
    By: 'operator',
    Since: expect.any(String),
    Deadline: expect.any(String),
    CancelAtDeadline: true,
    UndrainAt: '2100-01-01T00:00:00.000+00:00',
    Retire: false,
  })
  expect(Date.parse(drained.Drain.Deadline) - Date.parse(drained.Drain.Since)).toBeGreaterThan(1_790_000)
  const changed = await as('operator').post('/api/octopusservernodes/NODE-A/drain', { Deadline: null })
  expect(changed.Drain).toMatchObject({ Number: 1, Reason: 'Windows updates', Deadline: null, CancelAtDeadline: false })
  const undrained = await as('operator').post(`${NODE}/undrain`)
  expect(undrained).toMatchObject({ Status: 'Online', IsInMaintenanceMode: false, Drain: null, CanClaim: true })
  expect(await lastEvent()).toMatchObject({ Category: 'NodeDrainEnded', Username: 'operator' })
})

test('the last node is only drained when that is confirmed', async () => {
  await as('operator').post('/api/octopusservernodes/node-b/drain')
  for (const [method, path, body] of [
    ['POST', `${NODE}/drain`, {}],
    ['PUT', NODE, { IsInMaintenanceMode: true, MaxConcurrentTasks: 2 }],
  ] as const) {
    const refused = await as('operator').request(method, path, body)
    expect([refused.status, refused.body.Details]).toEqual([409, { Confirmation: 'ConfirmLastNode' }])
    expect(refused.body.Errors).toEqual([refused.body.ErrorMessage])
  }
  expect(await as('viewer').get(NODE)).toMatchObject({ IsInMaintenanceMode: false, MaxConcurrentTasks: 5 })
  const confirmed = await as('operator').put(NODE, {
    IsInMaintenanceMode: true,
    MaxConcurrentTasks: 2,
    ConfirmLastNode: true,
  })
  expect(confirmed).toMatchObject({ IsInMaintenanceMode: true, MaxConcurrentTasks: 2 })
  expect(await as('viewer').get('/api/serverstatus/health')).toMatchObject({
    IsEntireClusterDrainingTasks: true,
    IsOperatingNormally: false,
  })
})

test('the whole node as it was read is taken back, also as POST with a method override', async () => {
  const node = await as('operator').get(NODE)
  const sent = { ...node, MaxConcurrentTasks: 7, LastModifiedBy: 'someone', Links: { Self: 'x' } }
  const response = await fetch(api.url + node.Links.Self, {
    method: 'POST',
    headers: { 'X-Octopus-ApiKey': keys.get('operator') ?? '', 'X-HTTP-Method-Override': 'PUT' },
    body: JSON.stringify(sent),
  })
  expect(response.status).toBe(200)
  const changed = (await response.json()) as { Links: { Self: string } }
  expect(changed).toMatchObject({ MaxConcurrentTasks: 7, IsInMaintenanceMode: false, LastModifiedBy: 'operator' })
  expect(await as('operator').get(changed.Links.Self)).toEqual(changed)
  expect((await lastEvent()).ChangeDetails.Differences).toEqual([
    { op: 'replace', path: '/MaxConcurrentTasks', from: 5, value: 7 },
  ])
  expect(await as('operator').put(NODE, { maxConcurrentTasks: '0' })).toMatchObject({
    MaxConcurrentTasks: 0,
    CanClaim: false,
  })
})

test('an offline node is declared dead or removed, an online one is not', async () => {
  await database.sql`update node_beat set last_seen = clock_timestamp() - interval '1 minute' where node = 'node-a'`
  const dead = await as('administrator').post(`${NODE}/declare-dead`, { Confirm: 'NODE-A' })
  expect(dead).toMatchObject({ Status: 'Offline', OfflineCause: expect.stringMatching(/declared it dead/) })
  expect((await as('administrator').request('DELETE', '/api/octopusservernodes/node-b')).status).toBe(409)
  expect(await as('administrator').request('DELETE', NODE)).toEqual({ status: 200, body: {} })
  expect((await as('administrator').request('GET', NODE)).status).toBe(404)
  expect((await as('administrator').request('DELETE', NODE)).status).toBe(404)
  expect(await database.sql`select name from node where deleted_at is not null`).toEqual([{ name: 'node-a' }])
})

test('a node that is forgotten leaves no tombstone', async () => {
  await database.sql`update node_beat set goodbye = true where node = 'node-a'`
  expect((await as('administrator').request('DELETE', `${NODE}?forget=true`)).status).toBe(200)
  expect(await database.sql`select name from node`).toEqual([{ name: 'node-b' }])
})

test('a node that retires drains for good', async () => {
  const retiring = await as('administrator').post(`${NODE}/retire`, { Reason: 'scale in' })
  expect(retiring.Drain).toMatchObject({ Retire: true, Reason: 'scale in' })
  expect((await as('administrator').post(`${NODE}/undrain`)).Drain).toBeNull()
})

test('the leader steps down', async () => {
  const before = await as('viewer').get('/api/leadership')
  expect(before).toMatchObject({ NodeName: 'node-a' })
  const after = await as('operator').post('/api/leadership/step-down', { Reason: 'patching' })
  expect(after).toMatchObject({ Term: before.Term, NodeId: null, NodeName: null, Since: null })
  expect(await lastEvent()).toMatchObject({ Category: 'LeaderReleased', Username: 'operator' })
})

test('a step down that is repeated with its Idempotency-Key deposes nobody else', async () => {
  const stepDown = () =>
    fetch(`${api.url}/api/leadership/step-down`, {
      method: 'POST',
      headers: { 'X-Octopus-ApiKey': keys.get('operator') ?? '', 'Idempotency-Key': 'step down once' },
    })
  expect((await stepDown()).status).toBe(200)
  await database.sql`update leadership l set term = term + 1, node = n.name, incarnation = n.incarnation, since = clock_timestamp() from node n where n.name = 'node-b'`
  expect((await stepDown()).status).toBe(200)
  expect(await as('viewer').get('/api/leadership')).toMatchObject({ NodeName: 'node-b' })
})

test('the queue is paused with a reason and resumed', async () => {
  const paused = await as('operator').post('/api/queue/pause', { Reason: 'think first' })
  expect(paused).toMatchObject({
    IsPaused: true,
    PauseReason: 'think first',
    PausedBy: 'operator',
    PausedAt: expect.any(String),
  })
  expect((await as('viewer').get('/api/octopusservernodes/summary')).Cluster).toMatchObject({
    IsPaused: true,
    PauseReason: 'think first',
  })
  expect((await as('viewer').get('/api/serverstatus/health')).Description).toMatch(/The queue is paused/)
  expect(await as('operator').post('/api/queue/resume')).toMatchObject({
    IsPaused: false,
    PauseReason: null,
    PausedBy: null,
    PausedAt: null,
  })
})

test.each([
  ['viewer', 'PUT', NODE, 'ServerNodeEdit'],
  ['viewer', 'POST', `${NODE}/drain`, 'ServerNodeEdit'],
  ['viewer', 'POST', `${NODE}/undrain`, 'ServerNodeEdit'],
  ['viewer', 'POST', '/api/leadership/step-down', 'ServerNodeEdit'],
  ['viewer', 'POST', '/api/queue/pause', 'QueuePause'],
  ['viewer', 'POST', '/api/queue/resume', 'QueuePause'],
  ['viewer', 'POST', '/api/tasks', 'TaskCreate'],
  ['viewer', 'POST', '/api/tasks/ServerTasks-1/cancel', 'TaskCancel'],
  ['viewer', 'POST', '/api/tasks/ServerTasks-1/prioritize', 'TaskEdit'],
  ['viewer', 'POST', '/api/tasks/ServerTasks-1/state', 'TaskEdit'],
  ['viewer', 'GET', '/api/scheduler/stop', 'TaskEdit'],
  ['operator', 'DELETE', NODE, 'ServerNodeDelete'],
  ['operator', 'POST', `${NODE}/declare-dead`, 'ServerNodeDelete'],
  ['operator', 'POST', `${NODE}/retire`, 'ServerNodeDelete'],
  ['operator', 'POST', '/api/tasks/ServerTasks-1/abandon', 'TaskAbandon'],
] as const)(
  'the role %s may not %s %s, and is told which permission is missing',
  async (role, method, path, permission) => {
    const { status, body } = await as(role).request(
      method,
      path,
      method === 'GET' || method === 'DELETE' ? undefined : {},
    )
    expect([status, body.ErrorMessage]).toEqual([403, expect.stringContaining(permission)])
  },
)

test('a task that only an administrator may create is refused to others, by name of the permission', async () => {
  const refused = await as('operator').request('POST', '/api/tasks', { Name: 'SystemIntegrityCheck' })
  expect([refused.status, refused.body.ErrorMessage]).toEqual([403, expect.stringContaining('AdministerSystem')])
})
