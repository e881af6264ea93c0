import { afterEach, expect, test } from 'vitest'
import { createTestCluster, LEASE_MS, type TestCluster, type TestNode } from '../support/cluster.ts'
import { until } from '../support/until.ts'

let cluster: TestCluster
afterEach(() => cluster.close())

const FINAL = ['Success', 'Failed', 'Canceled', 'TimedOut']

async function runsOn(observer: TestNode, id: string): Promise<string | undefined> {
  const task = await observer.api.get(`/api/tasks/${id}`)
  return task.State === 'Executing' ? task.NodeName : undefined
}

/** A node of two with a script running on it, and the other one. */
async function nodeWithScript(script: string): Promise<{ victim: TestNode; other: TestNode; id: string }> {
  cluster = await createTestCluster()
  const nodes = [await cluster.start('node-a'), await cluster.start('node-b')] as const
  const { Id } = await nodes[0].api.runScript(script)
  const name = await until('the script runs', () => runsOn(nodes[0], Id))
  return name === 'node-a'
    ? { victim: nodes[0], other: nodes[1], id: Id }
    : { victim: nodes[1], other: nodes[0], id: Id }
}

test('the tasks of a node that is killed end soon, with a cause that names it, and their processes are gone', async () => {
  const marker = `tako-test-${process.pid}-${Date.now()}`
  const { victim, other, id } = await nodeWithScript(`exec -a ${marker} sleep 300`)
  victim.signal('SIGKILL')
  const ended = await until(
    'the task has ended',
    async () => {
      const task = await other.api.get(`/api/tasks/${id}`)
      return FINAL.includes(task.State) ? task : undefined
    },
    LEASE_MS * 4,
  )
  expect(ended.State).toBe('Failed')
  expect(ended.ErrorMessage).toContain(victim.name)
  expect(ended.CompletedTime).toBeTruthy()
  const { execFileSync } = await import('node:child_process')
  const left = () => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes(`${marker} 300`)
  await until('the script is gone', () => !left(), 3000)
  const events = await cluster.sql`select from event where category = 'TaskSettled' and ${`${id}`} = any(related)`
  expect(events).toHaveLength(1)
})

test('a task whose node is gone can be cancelled, by any node', async () => {
  const { victim, other, id } = await nodeWithScript('sleep 300')
  victim.signal('SIGSTOP')
  const cancelled = await other.api.post(`/api/tasks/${id}/cancel`)
  expect(cancelled.State).toBe('Cancelling')
  await until(
    'it ends Canceled',
    async () => (await other.api.get(`/api/tasks/${id}`)).State === 'Canceled',
    6000 + 1000 + LEASE_MS * 2,
  )
  victim.signal('SIGKILL')
})

test('a node that is killed and started again takes its place within a lease, with cap and drain as they were', async () => {
  const { victim, other, id } = await nodeWithScript('sleep 300')
  await other.api.put(`/api/octopusservernodes/OctopusServerNodes-${victim.name}`, { MaxConcurrentTasks: 3 })
  const before = (await other.api.nodes())[victim.name].Incarnation
  victim.signal('SIGKILL')
  await victim.exited
  const again = await cluster.start(victim.name, { TAKO_LISTEN: victim.url.replace('http://', '') })
  const node = (await other.api.nodes())[victim.name]
  expect(node).toMatchObject({ IsOffline: false, MaxConcurrentTasks: 3 })
  expect(node.Incarnation).not.toBe(before)
  await until(
    'its old attempt is settled',
    async () => FINAL.includes((await again.api.get(`/api/tasks/${id}`)).State),
    LEASE_MS * 3,
  )
})

test('a second process with the name of a live node is refused with a sentence, in any case of letters', async () => {
  cluster = await createTestCluster()
  const first = await cluster.start('node-a')
  const second = await cluster.launch('NODE-A')
  expect((await second.exited).code).toBe(1)
  expect(second.output()).toContain('node-a')
  expect(second.output()).toContain(first.url)
  expect(await first.ping()).toBe(200)
})

test('a node whose row is deleted by hand comes back by itself, with the cap and drain it last knew', async () => {
  cluster = await createTestCluster()
  const a = await cluster.start('node-a')
  const b = await cluster.start('node-b')
  await a.api.put('/api/octopusservernodes/node-b', { MaxConcurrentTasks: 2 })
  await a.api.post('/api/octopusservernodes/node-b/drain', { Reason: 'kept' })
  await until('node-b knows', async () => (await b.ping()) === 418)
  await cluster.sql`delete from node_beat where node = 'node-b'`
  await cluster.sql`delete from node where name = 'node-b'`
  const node = await until('node-b is back', async () => {
    const found = (await a.api.nodes())['node-b']
    return found && !found.IsOffline ? found : undefined
  })
  expect(node).toMatchObject({ MaxConcurrentTasks: 2, IsInMaintenanceMode: true })
})

test('a node whose database sessions are ended goes on: not offline, no new leader, its script unharmed', async () => {
  const { victim, other, id } = await nodeWithScript('sleep 3; echo unharmed')
  const term = (await other.api.get('/api/leadership')).Term
  await cluster.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name like ${`tako % ${victim.name}`}`
  await until('the script ends well', async () => (await other.api.get(`/api/tasks/${id}`)).State === 'Success')
  expect((await other.api.get('/api/leadership')).Term).toBe(term)
  const node = (await other.api.nodes())[victim.name]
  expect(node).toMatchObject({ IsOffline: false })
  const { TimesLost, Attempt } = await other.api.get(`/api/tasks/${id}`)
  expect([TimesLost, Attempt]).toEqual([0, 1])
})

test('a node whose sessions are cut again and again, also while they are opened, lives on and works on', async () => {
  cluster = await createTestCluster({ TAKO_TASK_LEASE: '60s' })
  const a = await cluster.start('node-a')
  const until3s = Date.now() + 3000
  while (Date.now() < until3s) {
    await cluster.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and application_name like 'tako % node-a'`
    await a.ping()
  }
  await until('its ping answers 200 again', async () => (await a.ping()) === 200)
  const { Id } = await until('a task can be queued', () => a.api.runScript('echo alive').catch(() => undefined))
  await until('it runs', async () => (await a.api.get(`/api/tasks/${Id}`).catch(() => undefined))?.State === 'Success')
})

test('an offline node can be deleted, an online one cannot', async () => {
  cluster = await createTestCluster()
  const a = await cluster.start('node-a')
  const b = await cluster.start('node-b')
  const refused = await a.api.request('DELETE', '/api/octopusservernodes/OctopusServerNodes-node-b')
  expect(refused.status).toBe(409)
  expect(refused.body.ErrorMessage).toMatch(/online/i)
  await b.stop()
  const deleted = await a.api.request('DELETE', '/api/octopusservernodes/OctopusServerNodes-node-b')
  expect(deleted.status).toBe(200)
  expect(Object.keys(await a.api.nodes())).toEqual(['node-a'])
})
