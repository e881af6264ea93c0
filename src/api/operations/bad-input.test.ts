import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestUser, startTestApi, type TestApi } from '../../../test/support/api-server.ts'
import { insertNodeRows } from '../../../test/support/cluster-rows.ts'
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { realKinds } from '../../../test/support/kinds.ts'
import { allOperations } from '../all-operations.ts'

let database: TestDatabase
let api: TestApi
let key: string
let logged = ''
const taskId = 'ServerTasks-1'

beforeAll(async () => {
  database = await createTestDatabase()
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += String(chunk)
      done()
    },
  })
  api = await startTestApi(database, {
    operations: allOperations,
    kinds: realKinds(),
    log: pino({ level: 'info' }, sink),
  })
  ;({ key } = await createTestUser(database, 'administrator'))
  await insertNodeRows(database.sql, { name: 'node-a', silentSeconds: -3600 })
  await insertNodeRows(database.sql, { name: 'node-b', silentSeconds: -3600 })
  await database.sql`
    insert into task (kind, space, state, expiry_ms, expires_at, when_lost, task_lease_ms)
    values ('AdHocScript', 'Spaces-1', 'Queued', 86400000, clock_timestamp() + interval '1 day', 'fail', 300000)`
  await database.sql`
    insert into recurring_job (name, kind, description, every_ms, next_due, offset_ms)
    values ('retention', 'Retention', '', 86400000, clock_timestamp(), 0)`
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

/** Everything a request could have changed, as one text; when a key was last used is noted whatever is asked. */
async function fingerprint(): Promise<string> {
  const [row] = await database.sql<{ all: string }[]>`
    select concat_ws('|',
      (select string_agg(t::text, ',' order by name) from node t), (select string_agg(t::text, ',') from leadership t),
      (select string_agg(t::text, ',') from cluster t), (select string_agg(t::text, ',' order by id) from task t),
      (select string_agg(t::text, ',') from recurring_job t), (select count(*) from event), (select count(*) from app_user),
      (select count(*) from api_key), (select count(*) from session), (select count(*) from idempotency)) as all`
  return row?.all ?? ''
}

async function send(method: string, path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(api.url + path, {
    method,
    headers: { 'X-Octopus-ApiKey': key, 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const answer = (await response.json()) as { ErrorMessage: string; Errors?: string[] }
  return { status: response.status, body: answer }
}

const NODE = '/api/octopusservernodes/node-a'
const SCRIPT = { ScriptBody: 'echo hello' }
const long = (length: number) => 'x'.repeat(length)
const task = (more: object) => ({ Name: 'AdHocScript', Arguments: SCRIPT, ...more })

const BAD: [string, string, string, unknown, number, RegExp][] = [
  ['a cap of -1', 'PUT', NODE, { MaxConcurrentTasks: -1 }, 400, /from 0 to 1000, not -1/],
  ['a cap of 1.5', 'PUT', NODE, { MaxConcurrentTasks: 1.5 }, 400, /MaxConcurrentTasks must be a whole number/],
  ['a cap of 1e9', 'PUT', NODE, { MaxConcurrentTasks: 1e9 }, 400, /from 0 to 1000, not 1000000000/],
  ['a cap of "abc"', 'PUT', NODE, { MaxConcurrentTasks: 'abc' }, 400, /MaxConcurrentTasks must be a (whole )?number/],
  [
    'a cap that is a list',
    'PUT',
    NODE,
    { MaxConcurrentTasks: [5] },
    400,
    /MaxConcurrentTasks must be a (whole )?number/,
  ],
  [
    'a bad cap beside a good drain',
    'PUT',
    NODE,
    { IsInMaintenanceMode: true, MaxConcurrentTasks: 1001 },
    400,
    /from 0 to 1000, not 1001/,
  ],
  [
    'a drain that is neither',
    'PUT',
    NODE,
    { IsInMaintenanceMode: 'perhaps' },
    400,
    /IsInMaintenanceMode must be true or false/,
  ],
  [
    'the body of another node',
    'PUT',
    NODE,
    { Id: 'OctopusServerNodes-node-b', MaxConcurrentTasks: 2 },
    400,
    /which of the two/,
  ],
  [
    'a node that is none',
    'PUT',
    '/api/octopusservernodes/node-x',
    { MaxConcurrentTasks: 2 },
    404,
    /There is no node node-x/,
  ],
  ['a node name of 300 characters', 'POST', `/api/octopusservernodes/${long(300)}/drain`, {}, 404, /There is no node/],
  [
    'a reason with a line break',
    'POST',
    `${NODE}/drain`,
    { Reason: 'a\nb' },
    400,
    /Reason must not hold control characters/,
  ],
  [
    'a reason of 501 characters',
    'POST',
    `${NODE}/drain`,
    { Reason: long(501) },
    400,
    /Reason must have at most 500 characters/,
  ],
  [
    'a deadline that is none',
    'POST',
    `${NODE}/drain`,
    { Deadline: 'soon' },
    400,
    /Deadline must be a date .* or a duration/,
  ],
  ['a deadline in the past', 'POST', `${NODE}/drain`, { Deadline: '2020-01-01T00:00:00Z' }, 400, /not in the future/],
  ['a deadline of no time', 'POST', `${NODE}/drain`, { Deadline: '0s' }, 400, /not in the future/],
  [
    'a deadline to cancel at that is missing',
    'POST',
    `${NODE}/drain`,
    { CancelAtDeadline: true },
    400,
    /give a deadline/,
  ],
  [
    'an undrain time that is none',
    'POST',
    `${NODE}/drain`,
    { UndrainAt: '2026-13-01' },
    400,
    /UndrainAt must be a date/,
  ],
  [
    'a confirmation that is none',
    'POST',
    `${NODE}/drain`,
    { ConfirmLastNode: 'yes' },
    400,
    /ConfirmLastNode must be true or false/,
  ],
  ['a death without its name', 'POST', `${NODE}/declare-dead`, {}, 400, /repeat its name/],
  ['a death of one that beats', 'POST', `${NODE}/declare-dead`, { Confirm: 'node-a' }, 409, /is alive/],
  ['a removal of one that beats', 'DELETE', NODE, undefined, 409, /online/],
  ['a removal of none', 'DELETE', '/api/octopusservernodes/node-x', undefined, 404, /There is no node/],
  ['a step down without a leader', 'POST', '/api/leadership/step-down', {}, 409, /no leader/],
  ['a pause with a tab in its reason', 'POST', '/api/queue/pause', { Reason: 'a\tb' }, 400, /control characters/],
  ['a pause for 7', 'POST', '/api/queue/pause', { Reason: 7 }, 400, /Reason must be a text/],
  ['a task without a name', 'POST', '/api/tasks', { Arguments: SCRIPT }, 400, /Name is missing/],
  [
    'a kind that does not exist',
    'POST',
    '/api/tasks',
    { Name: 'Deploy' },
    400,
    /no kind of task named "Deploy".*AdHocScript/,
  ],
  ['a kind of 300 characters', 'POST', '/api/tasks', { Name: long(300) }, 400, /Name must have at most/],
  ['a kind with a control character', 'POST', '/api/tasks', { Name: 'Ad\u0007Hoc' }, 400, /control characters/],
  [
    'a description with a line break',
    'POST',
    '/api/tasks',
    task({ Description: 'a\nb' }),
    400,
    /Description must not hold control/,
  ],
  [
    'an empty script',
    'POST',
    '/api/tasks',
    { Name: 'AdHocScript', Arguments: { ScriptBody: ' \n' } },
    400,
    /ScriptBody is empty/,
  ],
  ['a missing script', 'POST', '/api/tasks', { Name: 'AdHocScript' }, 400, /ScriptBody is missing/],
  [
    'a script that is a number',
    'POST',
    '/api/tasks',
    { Name: 'AdHocScript', Arguments: { ScriptBody: 5 } },
    400,
    /ScriptBody must be/,
  ],
  [
    'a script over 1 MiB',
    'POST',
    '/api/tasks',
    { Name: 'AdHocScript', Arguments: { ScriptBody: long(1_100_000) } },
    400,
    /1 MiB/,
  ],
  [
    'arguments that are a text',
    'POST',
    '/api/tasks',
    { Name: 'AdHocScript', Arguments: 'x' },
    400,
    /Arguments must be an object/,
  ],
  [
    'a queue time that is none',
    'POST',
    '/api/tasks',
    task({ QueueTime: '01.02.2026' }),
    400,
    /QueueTime must be a date/,
  ],
  [
    'the minimum date',
    'POST',
    '/api/tasks',
    task({ QueueTime: '0001-01-01T00:00:00' }),
    400,
    /QueueTime must be a date/,
  ],
  [
    'an expiry in the past',
    'POST',
    '/api/tasks',
    task({ QueueTimeExpiry: '2020-01-01T00:00:00Z' }),
    400,
    /QueueTimeExpiry must leave/,
  ],
  [
    'an expiry of no time',
    'POST',
    '/api/tasks',
    task({ QueueTimeExpiry: '00:00:00' }),
    400,
    /QueueTimeExpiry must leave/,
  ],
  ['a time limit that is none', 'POST', '/api/tasks', task({ TimeLimit: 'long' }), 400, /TimeLimit must be a duration/],
  ['a negative time limit', 'POST', '/api/tasks', task({ TimeLimit: -5 }), 400, /TimeLimit must be a duration/],
  [
    'a priority of 101',
    'POST',
    '/api/tasks',
    task({ Priority: 101 }),
    400,
    /Priority must be a whole number from -100 to 100/,
  ],
  ['a space that is none', 'POST', '/api/tasks', task({ SpaceId: 'Spaces-9' }), 400, /no space Spaces-9/],
  ['a space in the path that is none', 'POST', '/api/Spaces-9/tasks', task({}), 404, /no space Spaces-9/],
  [
    'a state there is not',
    'POST',
    `/api/tasks/${taskId}/state`,
    { State: 'Exploded', Reason: 'x' },
    400,
    /State must be one of Success/,
  ],
  [
    'a state one cannot set',
    'POST',
    `/api/tasks/${taskId}/state`,
    { State: 'Executing', Reason: 'x' },
    400,
    /State must be one of/,
  ],
  ['a state without a reason', 'POST', `/api/tasks/${taskId}/state`, { State: 'Success' }, 400, /Reason is missing/],
  [
    'a state with an empty reason',
    'POST',
    `/api/tasks/${taskId}/state`,
    { State: 'Success', Reason: ' ' },
    400,
    /Reason must not be empty/,
  ],
  [
    'a state for a task that waits',
    'POST',
    `/api/tasks/${taskId}/state`,
    { State: 'Success', Reason: 'x' },
    409,
    /only a task that has ended/,
  ],
  ['a rerun of a task that waits', 'POST', `/api/tasks/rerun/${taskId}`, undefined, 409, /only a task that has ended/],
  [
    'an abandoning of a task that waits',
    'POST',
    `/api/tasks/${taskId}/abandon`,
    undefined,
    409,
    /only a task that is Cancelling/,
  ],
  ['a cancel of none', 'POST', '/api/tasks/ServerTasks-99/cancel', undefined, 404, /no task ServerTasks-99/],
  [
    'lines before the first',
    'GET',
    `/api/tasks/${taskId}/log?from=-1`,
    undefined,
    400,
    /from must be a whole number from 0/,
  ],
  [
    'a wait of an hour',
    'GET',
    `/api/tasks/${taskId}/log?wait=3600`,
    undefined,
    400,
    /wait must be a number from 0 to 25/,
  ],
  ['ranges that are none', 'GET', `/api/tasks/${taskId}/details?ranges=9-1`, undefined, 400, /ranges must be numbers/],
  [
    'a job that is none',
    'GET',
    '/api/scheduler/stop?task=nonsense',
    undefined,
    404,
    /no recurring job "nonsense".*retention/,
  ],
  ['a run of no job', 'GET', '/api/scheduler/trigger', undefined, 400, /task is missing/],
  ['logs of a job that is none', 'GET', '/api/scheduler/nonsense/logs', undefined, 404, /no recurring job/],
  [
    'maintenance of everything',
    'PUT',
    '/api/maintenanceconfiguration',
    { IsInMaintenanceMode: true },
    400,
    /pause the queue/,
  ],
  ['broken JSON', 'POST', '/api/tasks', '{"Name": "AdHoc', 400, /not JSON/],
  ['a body that is a list', 'POST', '/api/queue/pause', [], 400, /body must be an object/],
  ['a body over the limit', 'POST', '/api/tasks', JSON.stringify(task({ Padding: long(9_000_000) })), 413, /larger/],
  ['a key that is none', 'POST', '/api/tasks', task({ IdempotencyKeyGoesInTheHeader: 1 }), 400, /Idempotency-Key/],
]

test.each(BAD)(
  '%s is refused with a sentence, and nothing is changed',
  async (name, method, path, body, status, sentence) => {
    const before = await fingerprint()
    logged = ''
    const answer = await send(
      method,
      path,
      body,
      name === 'a key that is none' ? { 'Idempotency-Key': 'x'.repeat(201) } : {},
    )
    expect([answer.status, answer.body.ErrorMessage]).toEqual([status, expect.stringMatching(sentence)])
    if (status === 400 || status === 409) expect(answer.body.Errors?.length).toBeGreaterThan(0)
    if (status === 404) expect(answer.body.Errors).toBeUndefined()
    expect(await fingerprint()).toBe(before)
    expect(logged).toBe('')
  },
)

test('all faults of a body are named at once', async () => {
  const { status, body } = await send('POST', '/api/tasks', { Name: 7, Priority: 1.5, QueueTime: 'soon' })
  expect(status).toBe(400)
  expect(body.Errors).toHaveLength(3)
})

test('unknown fields and nulls are passed over', async () => {
  const { status } = await send('PUT', NODE, {
    MaxConcurrentTasks: 6,
    Unheard: { of: [] },
    Name: null,
    IsInMaintenanceMode: null,
    Links: 5,
  })
  expect(status).toBe(200)
})

test('an upload that is cancelled half way changes nothing and is nobody’s fault', async () => {
  const before = await fingerprint()
  logged = ''
  const socket = connect((api.app.server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(
    `POST /api/tasks HTTP/1.1\r\nHost: x\r\nX-Octopus-ApiKey: ${key}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"Name": "AdHocScript", `,
  )
  await new Promise((resolve) => setTimeout(resolve, 100))
  socket.destroy()
  await once(socket, 'close')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect((await send('GET', '/api/queue', undefined)).status).toBe(200)
  expect(await fingerprint()).toBe(before)
  expect(logged).not.toMatch(/"level":(50|60)/)
})
