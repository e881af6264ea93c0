import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ApiClient } from '../../../../test/support/api-client.ts'
import { createTestUser, type Json, startTestApi, type TestApi } from '../../../../test/support/api-server.ts'
import { captureCli } from '../../../../test/support/captured-cli.ts'
import { insertNodeRows } from '../../../../test/support/cluster-rows.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { realKinds } from '../../../../test/support/kinds.ts'
import { until } from '../../../../test/support/until.ts'
import { markLost } from '../../../cluster/judge.ts'
import { defaultTimings } from '../../../cluster/timings.ts'
import { systemActor } from '../../../identity/actor.ts'
import { only } from '../../../lib/must.ts'
import { settleLost } from '../../../tasks/settle.ts'
import { allOperations } from '../../all-operations.ts'

const NODE = '/api/octopusservernodes/OctopusServerNodes-node-b'
let database: TestDatabase
let api: TestApi
let admin: ApiClient
let operator: ApiClient
let operatorKey: string

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { operations: allOperations, kinds: realKinds() })
  admin = new ApiClient(api.url, (await createTestUser(database, 'administrator')).key)
  operatorKey = (await createTestUser(database, 'operator')).key
  operator = new ApiClient(api.url, operatorKey)
})

beforeEach(async () => {
  const { sql } = database
  await sql`delete from task`
  await sql`delete from node`
  await sql`delete from node_beat`
  await insertNodeRows(sql, { name: 'node-a', leads: true })
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

/** Has node-b run these tasks, die, and its tasks settled. */
async function loseWith(ids: readonly string[]): Promise<void> {
  const { sql } = database
  await sql`delete from node where name = 'node-b'`
  const { incarnation } = await insertNodeRows(sql, { name: 'node-b' })
  await sql`
    update task set state = 'Executing', attempt = attempt + 1, node = 'node-b', incarnation = ${incarnation}, started_at = clock_timestamp(), when_lost = 'fail'
    where id = any (${ids.map(numberOf)}::bigint[])`
  await markLost(sql, { incarnation, verdict: { by: 'proof', cause: 'it was killed' }, actor: systemActor('node-a') })
  const { leaseDurationMs } = defaultTimings
  let settled = 0
  await until('the tasks are settled', async () => {
    settled += (await settleLost(sql, { node: 'node-a', leaseDurationMs, still: [] })).length
    return settled === ids.length
  })
}

function numberOf(id: string): number {
  return Number(id.split('-')[1])
}

async function scripts(count: number): Promise<string[]> {
  const tasks = []
  for (let at = 0; at < count; at += 1)
    tasks.push(await operator.runScript(`echo ${at}`, { Priority: 3, TimeLimit: '90s', Description: `Number ${at}` }))
  return tasks.map((task) => task.Id)
}

const countTasks = async () => only(await database.sql<{ count: number }[]>`select count(*) from task`).count
const countReruns = async () => (await admin.get('/api/events?eventCategories=TaskRerun&take=0')).TotalResults

test('what a node lost is listed, and run again once each however often it is asked for', async () => {
  const [first = '', second = '', bystander = ''] = await scripts(3)
  await loseWith([first, second])
  const list = await operator.get(`${NODE}/lost-tasks`)
  expect(list).toMatchObject({ TotalResults: 2, ItemType: 'Task', Since: expect.any(String) })
  expect(list.Items).toEqual([
    expect.objectContaining({
      Id: second,
      State: 'Failed',
      IsLost: true,
      NodeName: 'node-b',
      RerunTaskId: null,
      CanRerun: true,
    }),
    expect.objectContaining({ Id: first, ErrorMessage: expect.stringMatching(/node-b was lost \(it was killed\)/) }),
  ])
  const [tasks, events] = [await countTasks(), await countReruns()]

  const answer = await operator.post('/api/octopusservernodes/NODE-B/rerun-lost')
  expect(answer).toEqual({
    NodeId: 'OctopusServerNodes-node-b',
    Since: expect.any(String),
    Results: [first, second].map((TaskId) => ({
      TaskId,
      RerunTaskId: expect.stringMatching(/^ServerTasks-\d+$/),
      IsNew: true,
      Refusal: null,
    })),
    NewCount: 2,
  })
  const rerun = await operator.get(`/api/tasks/${answer.Results[0].RerunTaskId}`)
  expect(rerun).toMatchObject({
    State: 'Queued',
    RerunOf: first,
    Description: 'Number 0',
    Priority: 3,
    TimeLimit: '00:01:30',
    Arguments: expect.objectContaining({ ScriptBody: 'echo 0' }),
    CreatedBy: 'operator',
  })

  const again = await Promise.all(
    [{}, { Since: list.Since }, { TaskIds: [second, first] }].map((body) => admin.post(`${NODE}/rerun-lost`, body)),
  )
  for (const repeated of again) {
    expect(repeated.NewCount).toBe(0)
    expect(repeated.Results).toEqual(answer.Results.map((result: object) => ({ ...result, IsNew: false })))
  }
  expect(await countTasks()).toBe(tasks + 2)
  expect(await countReruns()).toBe(events + 2)
  const after = await operator.get(`${NODE}/lost-tasks?take=1&skip=1`)
  expect(after.Items[0].RerunTaskId).toBe(answer.Results[0].RerunTaskId)
  expect((await operator.get(`/api/tasks/${bystander}`)).State).toBe('Queued')
})

test('many ask at the same time: still one re-run each', async () => {
  const ids = await scripts(8)
  await loseWith(ids)
  const answers = await Promise.all([1, 2, 3].map(() => operator.post(`${NODE}/rerun-lost`)))
  expect(new Set(answers.map(({ Results }) => JSON.stringify(Results.map((r: Json) => r.RerunTaskId)))).size).toBe(1)
  expect(answers.reduce((sum, { NewCount }) => sum + NewCount, 0)).toBe(ids.length)
  expect(await countTasks()).toBe(2 * ids.length)
})

test('only what is chosen is run again, what cannot be says why, and a re-run that is lost too is another loss', async () => {
  const [first = '', second = '', other = ''] = await scripts(3)
  const system = await admin.post('/api/tasks', { Name: 'SystemIntegrityCheck' })
  await loseWith([first, second, system.Id])
  const { Results } = await operator.post(`${NODE}/rerun-lost`, { TaskIds: [system.Id, other, first] })
  expect(Results.map(({ TaskId, IsNew, Refusal }: Json) => [TaskId, IsNew, Refusal])).toEqual([
    [first, true, null],
    [other, false, `${other} is not among the tasks that node-b lost.`],
    [system.Id, false, expect.stringMatching(/needs the permission AdministerSystem/)],
  ])
  const rerun = Results[0].RerunTaskId
  await loseWith([rerun])
  const list = await operator.get(`${NODE}/lost-tasks`)
  expect(list.Items.map(({ Id, RerunTaskId }: Json) => [Id, RerunTaskId])).toEqual([
    [rerun, null],
    [system.Id, null],
    [second, null],
    [first, rerun],
  ])
  const more = await operator.post(`${NODE}/rerun-lost`, { TaskIds: [rerun] })
  expect(more.Results).toEqual([expect.objectContaining({ TaskId: rerun, IsNew: true })])
})

test('since narrows, what is older than a day needs it, and what was set to Success is not lost any more', async () => {
  const [old = '', done = '', recent = ''] = await scripts(3)
  await loseWith([old, done, recent])
  await database.sql`update task set completed_at = clock_timestamp() - interval '25 hours' where id = ${numberOf(old)}`
  await admin.post(`/api/tasks/${done}/state`, { State: 'Success', Reason: 'done by hand' })
  const lost = async (query: string) =>
    (await operator.get(`${NODE}/lost-tasks${query}`)).Items.map(({ Id }: Json) => Id)
  expect(await lost('')).toEqual([recent])
  expect(await lost('?since=2020-01-01')).toEqual([recent, old])
  expect(await lost('?since=2100-01-01')).toEqual([])
  const all = await operator.post(`${NODE}/rerun-lost`, { Since: '2020-01-01' })
  expect(all.Results.map(({ TaskId }: Json) => TaskId)).toEqual([old, recent])
})

test('a deleted node still tells what it lost; one that never was is 404', async () => {
  const [id = ''] = await scripts(1)
  await loseWith([id])
  await admin.request('DELETE', `${NODE}?forget=true`)
  expect((await operator.get(`${NODE}/lost-tasks`)).TotalResults).toBe(1)
  for (const [method, path] of [
    ['GET', '/api/octopusservernodes/node-x/lost-tasks'],
    ['POST', '/api/octopusservernodes/node-x/rerun-lost'],
  ] as const)
    expect((await operator.request(method, path)).status).toBe(404)
})

test.each([
  [{ Since: 'yesterday' }, /Since must be a date/],
  [{ TaskIds: [] }, /TaskIds must have at least 1 entries/],
  [{ TaskIds: ['Users-1'] }, /TaskIds\[0\] must be the id of a task such as ServerTasks-7, not "Users-1"\./],
  [{ TaskIds: 'ServerTasks-1' }, /TaskIds must be a list/],
  [{ TaskIds: Array.from({ length: 1001 }, (_, at) => `ServerTasks-${at}`) }, /TaskIds must have at most 1000 entries/],
])('a wish that is none is refused and changes nothing (%#)', async (body, sentence) => {
  const answer = await operator.request('POST', `${NODE.replace('node-b', 'node-a')}/rerun-lost`, body)
  expect([answer.status, answer.body.ErrorMessage]).toEqual([400, expect.stringMatching(sentence)])
  expect(await countTasks()).toBe(0)
})

test('the CLI lists what was lost and runs it again, once', async () => {
  const cli = captureCli()
  const tako = (...args: string[]) => cli.run(args, { TAKO_URL: api.url, TAKO_API_KEY: operatorKey })
  try {
    expect((await tako('node', 'lost', 'node-a')).stdout).toMatch(/^node-a has lost no task since .+\.\n$/)
    const [first = '', second = ''] = await scripts(2)
    await loseWith([first, second])
    const lost = await tako('node', 'lost', 'NODE-B', '--since', '1h')
    expect(lost).toMatchObject({ exitCode: 0, stderr: '' })
    expect(lost.stdout).toMatch(new RegExp(`^${first} +Failed +\\S.*AdHocScript +Number 0$`, 'm'))
    expect(lost.stdout).toMatch(/node-b has lost 2 tasks since .*'tako node rerun-lost node-b' runs again/)

    const chosen = await tako('node', 'rerun-lost', 'node-b', '--task', second, '999999')
    expect(chosen).toMatchObject({ exitCode: 1, stderr: '' })
    const rerun = /runs again as (ServerTasks-\d+)\n/.exec(chosen.stdout)?.[1]
    expect(chosen.stdout).toBe(
      `${second} runs again as ${rerun}\nServerTasks-999999: ServerTasks-999999 is not among the tasks that node-b lost.\n1 task queued.\n`,
    )
    const all = await tako('node', 'rerun-lost', 'node-b')
    expect(all).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/1 task queued\.\n$/) })
    expect(all.stdout).toContain(`${second} runs again as ${rerun} (before now)\n`)
    const json = JSON.parse((await tako('node', 'rerun-lost', 'node-b', '--json')).stdout)
    expect([json.NewCount, json.Results.length]).toEqual([0, 2])
    expect(JSON.parse((await tako('node', 'lost', 'node-b', '--json')).stdout).TotalResults).toBe(2)
    expect(await tako('node', 'lost', 'node-b', '--since', 'lately')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('Write how long ago'),
    })
    expect((await tako('node', 'rerun-lost', 'node-x')).exitCode).toBe(1)
  } finally {
    cli.remove()
  }
})
