import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiClient } from '../../../../test/support/api-client.ts'
import { createTestUser, startTestApi, type TestApi } from '../../../../test/support/api-server.ts'
import { insertNodeRows } from '../../../../test/support/cluster-rows.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { allOperations } from '../../all-operations.ts'

let database: TestDatabase
let api: TestApi
let client: ApiClient

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { operations: allOperations })
  client = new ApiClient(api.url, (await createTestUser(database, 'administrator')).key)
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

test('the status leads to its parts, and every link answers', async () => {
  const status = await client.get('/api/serverstatus')
  expect(status).toMatchObject({
    IsDatabaseEncrypted: false,
    IsInMaintenanceMode: false,
    IsUpgradeAvailable: false,
    MaintenanceExpires: null,
  })
  for (const link of Object.values<string>(status.Links)) expect((await client.request('GET', link)).status).toBe(200)
})

test('the health says in a sentence what is not as it should be', async () => {
  expect(await client.get('/api/serverstatus/health')).toMatchObject({
    IsOperatingNormally: false,
    Description: expect.stringContaining('No node is online'),
  })
  await insertNodeRows(database.sql, { name: 'node-a', leads: true, silentSeconds: -3600 })
  await insertNodeRows(database.sql, { name: 'node-b', silentSeconds: 60, goodbye: true })
  expect(await client.get('/api/serverstatus/health')).toEqual({
    IsOperatingNormally: true,
    Description: '1 node is online, and node-a leads.',
    IsEntireClusterReadOnly: false,
    IsEntireClusterDrainingTasks: false,
    IsCompliantWithLicense: true,
    Links: { Self: '/api/serverstatus/health', Index: '/api/serverstatus' },
  })
  await insertNodeRows(database.sql, { name: 'node-c', silentSeconds: 60 })
  expect(await client.get('/api/serverstatus/health')).toMatchObject({
    IsOperatingNormally: false,
    Description: 'Offline: node-c.',
  })
})

test('the node tells of its system, and no field is empty', async () => {
  const info = await client.get('/api/serverstatus/system-info')
  for (const field of ['Version', 'OSVersion', 'ClrVersion', 'NodeName', 'Uptime']) expect(info[field]).toMatch(/\S/)
  for (const field of ['ThreadCount', 'MinThreadPoolCount', 'WorkingSetBytes']) expect(info[field]).toBeGreaterThan(0)
  expect(info.Uptime).toMatch(/^(\d+\.)?\d\d:\d\d:\d\d$/)
})

test('time zones, extensions and counts have their shapes', async () => {
  const zones = await client.get('/api/serverstatus/timezones')
  expect(zones[0]).toEqual({ Id: 'UTC', Name: 'UTC', IsLocal: expect.any(Boolean) })
  expect(zones.filter((zone: { IsLocal: boolean }) => zone.IsLocal)).toHaveLength(1)
  expect(await client.get('/api/serverstatus/extensions')).toEqual([])
  expect((await client.get('/api/serverstatus/counts')).Global).toMatchObject({ Spaces: 1, Users: 1 })
})

test('there is no maintenance mode: writing back what was read is fine, turning it on is not', async () => {
  const configuration = await client.get('/api/maintenanceconfiguration')
  expect(configuration).toMatchObject({ Id: 'maintenance', IsInMaintenanceMode: false })
  expect(await client.put('/api/maintenanceconfiguration', configuration)).toEqual(configuration)
})
