import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestCluster, type TestCluster, type TestNode } from '../support/cluster.ts'
import { until } from '../support/until.ts'

let cluster: TestCluster
let a: TestNode
let b: TestNode
let c: TestNode

beforeAll(async () => {
  cluster = await createTestCluster()
  a = await cluster.start('node-a')
  ;[b, c] = await Promise.all([cluster.start('node-b'), cluster.start('NODE-C')])
})
afterAll(() => cluster.close())

const running = async (node: string) => (await a.api.nodes())[node].RunningTaskCount

describe('Last seen', () => {
  test('nodes check in at regular intervals', async () => {
    const before = (await a.api.nodes())['node-b'].LastSeen
    await until('node-b is seen again', async () => (await a.api.nodes())['node-b'].LastSeen > before, 2000)
  })

  test('a node is the same node whatever the case of its name', async () => {
    expect(c.name).toBe('NODE-C')
    expect((await a.api.nodes())['node-c']).toMatchObject({ Id: 'OctopusServerNodes-node-c', IsOffline: false })
  })
})

describe('Task cap', () => {
  test('the cap can be configured for each node and holds: more tasks queue until a slot is free', async () => {
    await a.api.put('/api/octopusservernodes/OctopusServerNodes-node-b', { MaxConcurrentTasks: 1 })
    await a.api.put('/api/octopusservernodes/OctopusServerNodes-node-c', { MaxConcurrentTasks: 0 })
    await a.api.put('/api/octopusservernodes/OctopusServerNodes-node-a', { MaxConcurrentTasks: 1 })
    const tasks = await Promise.all([1, 2, 3].map(() => a.api.runScript('sleep 1.5')))
    await until('both slots are taken', async () => (await running('node-a')) + (await running('node-b')) === 2)
    const waiting = (await a.api.get('/api/tasks?states=Queued')).Items
    expect(waiting).toHaveLength(1)
    expect(waiting[0].WaitingBecause).toMatch(/slot|cap/i)
    const most = { 'node-a': 0, 'node-b': 0, 'node-c': 0 }
    await until('all have ended', async () => {
      const nodes = await b.api.nodes()
      for (const name of ['node-a', 'node-b', 'node-c'] as const) {
        most[name] = Math.max(most[name], nodes[name].RunningTaskCount)
      }
      const states = await Promise.all(tasks.map((task) => c.api.get(`/api/tasks/${task.Id}`)))
      return states.every((task) => task.State === 'Success')
    })
    expect(most).toEqual({ 'node-a': 1, 'node-b': 1, 'node-c': 0 })
    for (const name of ['node-a', 'node-b', 'node-c']) {
      await a.api.put(`/api/octopusservernodes/OctopusServerNodes-${name}`, { MaxConcurrentTasks: 5 })
    }
  })

  test('tasks that no node may take wait for up to a day', async () => {
    const [task] = await Promise.all([
      a.api.runScript('true', { QueueTime: new Date(Date.now() + 60_000).toISOString() }),
    ])
    const waits = Date.parse(task.QueueTimeExpiry) - Date.parse(task.QueueTime)
    expect(waits).toBe(86_400_000)
    await a.api.post(`/api/tasks/${task.Id}/cancel`)
  })
})

describe('Tasks', () => {
  test('each node executes tasks as they are queued, the number running is shown, and the link behind it lists them', async () => {
    const tasks = await Promise.all(Array.from({ length: 6 }, () => a.api.runScript('sleep 2; echo done')))
    await until('all six run', async () => {
      const nodes = await a.api.nodes()
      return Object.values(nodes).reduce((sum, node) => sum + node.RunningTaskCount, 0) === 6
    })
    const nodes = await b.api.nodes()
    for (const node of Object.values(nodes)) {
      expect(node.RunningTaskCount).toBe(2)
      const listed = await b.api.get(node.Links.Tasks.replace(/\{.*\}$/, ''))
      expect(listed.Items.map((task: { ServerNode: string }) => task.ServerNode)).toEqual([node.Id, node.Id])
    }
    await until('all have ended', async () => {
      const ids = tasks.map((task) => task.Id).join()
      const { Items } = await c.api.get(`/api/tasks?ids=${ids}`)
      return Items.every((task: { State: string }) => task.State === 'Success')
    })
  })
})

describe('Drain', () => {
  test('a draining node finishes what it runs, starts nothing, gives up the lead, does not become leader, and its ping does not answer 200', async () => {
    const leads = (await a.api.get('/api/leadership')).NodeName
    expect(leads).toBe('node-a')
    const long = await Promise.all(Array.from({ length: 3 }, () => a.api.runScript('sleep 2.5; echo finished')))
    await until('node-a runs one of them', async () => (await running('node-a')) > 0)

    const drained = await b.api.post('/api/octopusservernodes/node-a/drain', { Reason: 'patching' })
    expect(drained).toMatchObject({ IsInMaintenanceMode: true, Status: 'Draining' })
    await until('the ping of node-a fails', async () => (await a.ping()) === 418, 2000)
    await until(
      'another leads',
      async () => ['node-b', 'node-c'].includes((await b.api.get('/api/leadership')).NodeName),
      2000,
    )

    const queuedMeanwhile = await Promise.all(Array.from({ length: 4 }, () => a.api.runScript('echo "on $TAKO_NODE"')))
    await until('all have ended', async () => {
      const ids = [...long, ...queuedMeanwhile].map((task) => task.Id).join()
      const { Items } = await b.api.get(`/api/tasks?ids=${ids}`)
      return Items.every((task: { State: string }) => task.State === 'Success')
    })
    for (const task of queuedMeanwhile) {
      const { ServerNode } = await b.api.get(`/api/tasks/${task.Id}`)
      expect(ServerNode).not.toBe('OctopusServerNodes-node-a')
    }
    await until('node-a is drained', async () => (await b.api.nodes())['node-a'].Status === 'Drained')
    expect(await a.ping()).toBe(418)
    expect((await a.api.get('/api/octopusservernodes/all')).length).toBe(3)

    await b.api.post('/api/octopusservernodes/node-a/undrain')
    await until('the ping of node-a answers 200 again', async () => (await a.ping()) === 200, 2000)
  })
})

describe('Load balancing', () => {
  test('the ping answers 200 for as long as the node is online and not in drain mode, without a login', async () => {
    expect(await Promise.all([a, b, c].map((node) => node.ping()))).toEqual([200, 200, 200])
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      const answer = await fetch(`${b.url}/api/octopusservernodes/ping`, { method })
      expect([method, answer.status, answer.headers.get('cache-control')]).toEqual([method, 200, 'no-store'])
    }
  })
})
