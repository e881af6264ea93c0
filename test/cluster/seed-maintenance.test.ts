import { afterEach, expect, test } from 'vitest'
import { createTestCluster, type TestCluster } from '../support/cluster.ts'
import { until } from '../support/until.ts'

let cluster: TestCluster
afterEach(() => cluster.close())

test('Example procedure: drain a node, wait for it, patch and restart it while the others go on, and undrain it', async () => {
  cluster = await createTestCluster()
  const a = await cluster.start('node-a')
  const b = await cluster.start('node-b')
  const listen = b.url.replace('http://', '')
  const task = await Promise.all(Array.from({ length: 2 }, () => a.api.runScript('sleep 1.5; echo survived')))

  await a.api.post('/api/octopusservernodes/node-b/drain', { Reason: 'updates' })
  await until('node-b is drained', async () => (await a.api.nodes())['node-b'].Status === 'Drained')
  for (const { Id } of task) {
    await until(`${Id} has ended well`, async () => (await a.api.get(`/api/tasks/${Id}`)).State === 'Success')
  }

  expect(await b.stop()).toEqual({ code: 0, signal: null })
  await until('node-b is offline at once, by its goodbye', async () => (await a.api.nodes())['node-b'].IsOffline, 1000)
  const meanwhile = await a.api.runScript('echo "$TAKO_NODE"')
  await until('node-a carries on', async () => (await a.api.get(`/api/tasks/${meanwhile.Id}`)).State === 'Success')

  const again = await cluster.start('node-b', { TAKO_LISTEN: listen })
  const back = (await a.api.nodes())['node-b']
  expect(back).toMatchObject({ IsInMaintenanceMode: true, Status: 'Drained', IsOffline: false })
  expect(back.Drain.Reason).toBe('updates')
  expect(await again.ping()).toBe(418)

  await a.api.post('/api/octopusservernodes/node-b/undrain')
  await until('node-b takes tasks again', async () => {
    await a.api.runScript('sleep 0.3')
    return (await a.api.nodes())['node-b'].RunningTaskCount > 0
  })
})
