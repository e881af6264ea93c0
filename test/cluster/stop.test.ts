import { afterEach, expect, test } from 'vitest'
import { createTestCluster, type TestCluster } from '../support/cluster.ts'
import { until } from '../support/until.ts'

let cluster: TestCluster
afterEach(() => cluster.close())

test('a node that is asked to stop lets its script end, says goodbye and exits with 0', async () => {
  cluster = await createTestCluster()
  const a = await cluster.start('node-a')
  const b = await cluster.start('node-b', { TAKO_TASK_CAP: '0' })
  const { Id } = await a.api.runScript('sleep 1.5; echo finished')
  await until('it runs', async () => (await b.api.get(`/api/tasks/${Id}`)).State === 'Executing')
  expect(await a.stop()).toEqual({ code: 0, signal: null })
  expect(await b.api.get(`/api/tasks/${Id}`)).toMatchObject({ State: 'Success', TimesLost: 0 })
  expect((await b.api.nodes())['node-a']).toMatchObject({ IsOffline: true, Status: 'Offline' })
  expect((await b.api.nodes())['node-a'].OfflineCause).toMatch(/stopped/i)
})

test('a script that runs past the stop deadline is ended, and its task says that the node was stopped', async () => {
  cluster = await createTestCluster({ TAKO_STOP_DEADLINE: '1s' })
  const a = await cluster.start('node-a')
  const b = await cluster.start('node-b', { TAKO_TASK_CAP: '0' })
  const { Id } = await a.api.runScript('trap "" TERM; while true; do sleep 0.2; done')
  await until('it runs', async () => (await b.api.get(`/api/tasks/${Id}`)).State === 'Executing')
  const asked = Date.now()
  expect(await a.stop()).toEqual({ code: 0, signal: null })
  expect(Date.now() - asked).toBeLessThan(8000)
  const task = await b.api.get(`/api/tasks/${Id}`)
  expect(task.State).toBe('Failed')
  expect(task.ErrorMessage).toMatch(/node-a.*stop/i)
})

test('during the lame duck the ping fails and requests are served', async () => {
  cluster = await createTestCluster({ TAKO_LAME_DUCK: '2s' })
  const a = await cluster.start('node-a')
  const b = await cluster.start('node-b')
  a.signal('SIGTERM')
  await until('the ping of node-a fails', async () => (await a.ping()) === 503, 1000)
  expect(Object.keys(await a.api.nodes())).toEqual(['node-a', 'node-b'])
  await until('node-b leads', async () => (await b.api.get('/api/leadership')).NodeName === 'node-b', 1000)
  expect((await a.exited).code).toBe(0)
})

test('a second signal stops at once', async () => {
  cluster = await createTestCluster({ TAKO_LAME_DUCK: '30s', TAKO_STOP_DEADLINE: '60s' })
  const a = await cluster.start('node-a')
  await a.api.runScript('sleep 60')
  await until('it runs', async () => (await a.api.nodes())['node-a'].RunningTaskCount === 1)
  a.signal('SIGTERM')
  await until('the ping of node-a fails', async () => (await a.ping()) === 503, 1000)
  const again = Date.now()
  a.signal('SIGTERM')
  await a.exited
  expect(Date.now() - again).toBeLessThan(4000)
})

test('all nodes can be drained: the last one only with a confirmation, and can be undrained through itself', async () => {
  cluster = await createTestCluster()
  const a = await cluster.start('node-a')
  const b = await cluster.start('node-b')
  await a.api.post('/api/octopusservernodes/node-a/drain', {})
  const refused = await a.api.request('POST', '/api/octopusservernodes/node-b/drain', {})
  expect(refused.status).toBe(409)
  expect(refused.body.Details.Confirmation).toBe('ConfirmLastNode')
  expect((await a.api.nodes())['node-b'].IsInMaintenanceMode).toBe(false)
  await a.api.post('/api/octopusservernodes/node-b/drain', { ConfirmLastNode: true, UndrainAt: '2s' })
  await until('nobody leads', async () => (await b.api.get('/api/leadership')).NodeName === null)
  await until('both pings answer 418', async () => (await a.ping()) === 418 && (await b.ping()) === 418)
  await until('node-b undrains by itself', async () => (await b.ping()) === 200, 6000)
  await until('node-b leads', async () => (await a.api.get('/api/leadership')).NodeName === 'node-b')
})

test('a paused queue starts nothing, lets what runs go on, keeps the ping at 200, and goes on in order', async () => {
  cluster = await createTestCluster({ TAKO_TASK_CAP: '1' })
  const a = await cluster.start('node-a')
  const running = await a.api.runScript('sleep 1; echo ran on')
  await until('it runs', async () => (await a.api.get(`/api/tasks/${running.Id}`)).State === 'Executing')
  await a.api.post('/api/queue/pause', { Reason: 'think first' })
  const first = await a.api.runScript('true')
  const second = await a.api.runScript('true')
  await until('what ran has ended well', async () => (await a.api.get(`/api/tasks/${running.Id}`)).State === 'Success')
  const waiting = await a.api.get(`/api/tasks/${first.Id}`)
  expect(waiting.State).toBe('Queued')
  expect(waiting.WaitingBecause).toContain('think first')
  expect(await a.ping()).toBe(200)
  await a.api.post('/api/queue/resume')
  await until('both have run', async () => (await a.api.get(`/api/tasks/${second.Id}`)).State === 'Success')
  const starts = [await a.api.get(`/api/tasks/${first.Id}`), await a.api.get(`/api/tasks/${second.Id}`)]
  expect(Date.parse(starts[0].StartTime)).toBeLessThanOrEqual(Date.parse(starts[1].StartTime))
})

test('SIGINT is an orderly stop too, and a used port is one sentence and exit 1', async () => {
  cluster = await createTestCluster()
  const a = await cluster.start('node-a')
  const b = await cluster.launch('node-b', { TAKO_LISTEN: a.url.replace('http://', '') })
  expect((await b.exited).code).toBe(1)
  expect(b.output()).toMatch(/port|address/i)
  a.signal('SIGINT')
  expect(await a.exited).toEqual({ code: 0, signal: null })
})
