import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ApiClient } from '../../../../test/support/api-client.ts'
import { createTestUser, type Json, startTestApi, type TestApi } from '../../../../test/support/api-server.ts'
import { age, emptyCluster, insertRunning, join, register } from '../../../../test/support/cluster-room.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { tryElect } from '../../../cluster/election.ts'
import { markLost } from '../../../cluster/judge.ts'
import { announceStop } from '../../../cluster/leadership.ts'
import type { Registration } from '../../../cluster/register.ts'
import { sweepCluster } from '../../../cluster/sweep.ts'
import { defaultTimings } from '../../../cluster/timings.ts'
import { systemActor } from '../../../identity/actor.ts'
import { silentLog } from '../../../lib/log.ts'
import { allOperations } from '../../all-operations.ts'

const NODE = '/api/octopusservernodes/OctopusServerNodes-node-a'
const TIME_LINE = '/api/events?regarding=OctopusServerNodes-node-a&eventGroups=Nodes,Leadership,Documents&take=100'
let database: TestDatabase
let api: TestApi
let operator: ApiClient

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { operations: allOperations })
  operator = new ApiClient(api.url, (await createTestUser(database, 'operator')).key)
})
beforeEach(() => emptyCluster(database.sql))
afterAll(async () => {
  await api.stop()
  await database.drop()
})

/** The events of node-a, oldest first, with what a drawing of them needs. */
async function timeLine(): Promise<{ category: string; before: Json; after: Json; by: string }[]> {
  const { Items } = await operator.get(TIME_LINE)
  expect(Items.map((event: Json) => event.Occurred)).toEqual(
    Items.map((event: Json) => event.Occurred)
      .sort()
      .reverse(),
  )
  return Items.map(({ Category, ChangeDetails, Username }: Json) => ({
    category: Category,
    before: ChangeDetails.Before,
    after: ChangeDetails.After,
    by: Username,
  })).reverse()
}

const stand = ({ node, incarnation }: Registration, silentHolder?: string) =>
  tryElect(database.sql, { node, incarnation, silentHolder }, defaultTimings)

test('the whole life of a node is there in order, with who did what and what it was before and after', async () => {
  const { sql } = database
  const first = await join(sql, 'node-a')
  const other = await join(sql, 'node-b')
  await stand(first)
  await operator.put(NODE, { MaxConcurrentTasks: 8 })
  await operator.post(`${NODE}/drain`, { Reason: 'new kernel' })
  await sweepCluster(sql, { node: 'node-b', log: silentLog })
  await stand(other)
  await operator.post(`${NODE}/undrain`)
  await insertRunning(sql, first)
  const cause = 'its process is gone.'
  await markLost(sql, { incarnation: first.incarnation, verdict: { by: 'proof', cause }, actor: systemActor('node-b') })
  const self = undefined
  await register(sql, 'node-a', { former: { incarnation: first.incarnation, self } })
  await announceStop(sql, 'node-a')

  expect(await timeLine()).toEqual([
    entry('NodeRegistered', 'system', null, {
      Cause: 'first start',
      MaxConcurrentTasks: 5,
      IsInMaintenanceMode: false,
    }),
    entry('LeaderElected', 'system', { Leader: null }, { Leader: 'node-a', Cause: 'first node' }),
    entry('Modified', 'operator', { MaxConcurrentTasks: 5 }, { MaxConcurrentTasks: 8 }),
    entry(
      'NodeDrainStarted',
      'operator',
      { IsInMaintenanceMode: false },
      { IsInMaintenanceMode: true, DrainReason: 'new kernel' },
    ),
    entry('LeaderReleased', 'operator', { Leader: 'node-a' }, { Leader: null, Cause: 'drained' }),
    entry('NodeDrained', 'system', null, { IsInMaintenanceMode: true, RunningTaskCount: 0 }),
    entry('NodeDrainEnded', 'operator', { DrainReason: 'new kernel' }, { IsInMaintenanceMode: false }),
    entry('NodeLost', 'system', { Lost: false }, { Lost: true, Proven: true, Cause: cause }),
    entry('NodeReturned', 'system', { Incarnation: first.incarnation }, { MaxConcurrentTasks: 8 }),
    entry('NodeStopped', 'system', null, null),
  ])
})

function entry(category: string, by: string, before: object | null, after: object | null) {
  return {
    category,
    by,
    before: before === null ? expect.toSatisfy(() => true) : expect.objectContaining(before),
    after: after === null ? null : expect.objectContaining(after),
  }
}

test('a node whose lead was taken while it was silent finds that in its own time line', async () => {
  const { sql } = database
  const first = await join(sql, 'node-a')
  const other = await join(sql, 'node-b')
  await stand(first)
  await age(sql, first.incarnation, 60_000)
  await stand(other, first.incarnation)
  const [taken] = (await timeLine()).filter(({ category }) => category === 'LeaderElected').slice(-1)
  expect(taken).toMatchObject({
    before: { Leader: 'node-a' },
    after: { Leader: 'node-b', Cause: 'the lease of node-a expired' },
  })
})
