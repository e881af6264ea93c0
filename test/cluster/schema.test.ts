import { afterEach, expect, test } from 'vitest'
import { schemaNumber } from '../../src/database/migrations/all.ts'
import { createTestCluster, type TestCluster } from '../support/cluster.ts'
import { until } from '../support/until.ts'

let cluster: TestCluster
afterEach(() => cluster.close())

test('a node whose code is older than the schema serves, beats and can be drained, but takes no tasks and says why', async () => {
  cluster = await createTestCluster()
  const a = await cluster.start('node-a')
  await cluster.sql`insert into schema_migration (number) values (${schemaNumber + 1})`
  const old = await cluster.start('node-b')
  const shown = await until('node-b says that it cannot claim', async () => {
    const node = (await a.api.nodes())['node-b']
    return node.CanClaim === false && node.Fitness.Warnings.length > 0 ? node : undefined
  })
  expect(shown.IsOffline).toBe(false)
  expect(shown.Fitness.Warnings.join()).toContain('update this node')
  await a.api.put('/api/octopusservernodes/OctopusServerNodes-node-a', { MaxConcurrentTasks: 1 })
  const tasks = await Promise.all([1, 2, 3].map(() => old.api.runScript('sleep 0.2')))
  for (const { Id } of tasks) {
    const ended = await until(`${Id} has run`, async () => {
      const task = await old.api.get(`/api/tasks/${Id}`)
      return task.State === 'Success' ? task : undefined
    })
    expect(ended.NodeName).toBe('node-a')
  }
  await old.api.post('/api/octopusservernodes/node-b/drain', {})
  await until('its ping answers 418', async () => (await old.ping()) === 418)
})

test('nodes that start on an empty database at the same moment make one cluster', async () => {
  cluster = await createTestCluster()
  const nodes = await Promise.all(['node-a', 'node-b', 'node-c'].map((name) => cluster.start(name)))
  const [first] = nodes
  expect(Object.keys((await first?.api.nodes()) ?? {})).toEqual(['node-a', 'node-b', 'node-c'])
  const users = await cluster.sql`select from app_user`
  expect(users).toHaveLength(1)
  const leaders = Object.values((await first?.api.nodes()) ?? {}).filter((node) => node.IsLeader)
  expect(leaders).toHaveLength(1)
})
