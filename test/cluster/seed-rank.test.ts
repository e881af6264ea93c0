import { afterEach, describe, expect, test } from 'vitest'
import { createTestCluster, LEASE_MS, type TestCluster, type TestNode } from '../support/cluster.ts'
import { until } from '../support/until.ts'

let cluster: TestCluster
afterEach(() => cluster.close())

const leader = async (node: TestNode) => (await node.api.get('/api/leadership')).NodeName

/** Every way a node can go, and the longest time until another leads. */
const WAYS = [
  { way: 'is killed (kill -9)', go: (node: TestNode) => node.signal('SIGKILL'), within: 1500 },
  { way: 'is frozen (SIGSTOP)', go: (node: TestNode) => node.signal('SIGSTOP'), within: LEASE_MS * 4 },
  { way: 'is stopped (SIGTERM)', go: (node: TestNode) => node.signal('SIGTERM'), within: 2000 },
]

describe('Rank', () => {
  test.each(WAYS)(
    'A joins and becomes leader; B and C follow; B is drained so cannot become leader; A $way; C elects itself leader',
    async ({ go, within }) => {
      cluster = await createTestCluster()
      const a = await cluster.start('node-a')
      await until('node-a leads', async () => (await leader(a)) === 'node-a', 1500)
      const b = await cluster.start('node-b')
      const c = await cluster.start('node-c')
      const ranks = Object.values(await c.api.nodes()).map((node) => [node.Name, node.Rank, node.IsLeader])
      expect(ranks).toEqual([
        ['node-a', 'Leader', true],
        ['node-b', 'Follower', false],
        ['node-c', 'Follower', false],
      ])
      const term = (await c.api.get('/api/leadership')).Term

      await c.api.post('/api/octopusservernodes/node-b/drain', { Reason: 'maintenance' })
      go(a)
      const gone = Date.now()
      await until('node-c leads', async () => (await leader(c)) === 'node-c', within)
      expect(Date.now() - gone).toBeLessThan(within)
      expect((await c.api.get('/api/leadership')).Term).toBeGreaterThan(term)
      await until('node-a is shown offline', async () => (await b.api.nodes())['node-a'].IsOffline, LEASE_MS * 4)
      const seen = await b.api.nodes()
      expect(seen['node-a']).toMatchObject({ Status: 'Offline', Rank: 'Follower' })
      expect(seen['node-b']).toMatchObject({ Rank: 'Follower', IsInMaintenanceMode: true })
      a.signal('SIGCONT')
    },
  )

  test('a frozen leader that wakes up is a follower, and leads no more', async () => {
    cluster = await createTestCluster()
    const a = await cluster.start('node-a')
    const b = await cluster.start('node-b')
    a.signal('SIGSTOP')
    await until('node-b leads', async () => (await leader(b)) === 'node-b', LEASE_MS * 4)
    a.signal('SIGCONT')
    await until('node-a answers its ping', async () => (await a.ping()) === 200)
    expect(await leader(a)).toBe('node-b')
    expect((await a.api.nodes())['node-a']).toMatchObject({ Rank: 'Follower', IsOffline: false })
    const terms = await cluster.sql<{ related: string[]; message: string }[]>`
      select related, message from event where category = 'LeaderElected' order by id`
    expect(terms.map((event) => event.related.join())).toEqual([
      expect.stringContaining('node-a'),
      expect.stringContaining('node-b'),
    ])
  })

  test('a leader that steps down is followed by another, and every change of leader is in the audit trail with its cause', async () => {
    cluster = await createTestCluster()
    const a = await cluster.start('node-a')
    const b = await cluster.start('node-b')
    await a.api.post('/api/leadership/step-down', { Reason: 'try it' })
    await until('node-b leads', async () => (await leader(b)) === 'node-b', 2000)
    await a.api.post('/api/octopusservernodes/node-b/drain', {})
    await until('node-a leads', async () => (await leader(b)) === 'node-a', 2000)
    const events = await cluster.sql<{ message: string }[]>`
      select message from event where category in ('LeaderElected', 'LeaderReleased') order by id`
    const story = events.map((event) => event.message).join('\n')
    expect(story).toMatch(/stepped down/i)
    expect(story).toMatch(/drain/i)
  })
})
