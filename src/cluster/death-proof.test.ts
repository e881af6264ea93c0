import { createServer, type Server } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../test/support/cluster.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { connect, type Sql } from '../database/connect.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { addressOf, isPresenceFree, proveDeath, type Suspect } from './death-proof.ts'

let database: TestDatabase
let heart: Sql
let suspect: Suspect
let port: number
let server: Server | undefined
beforeAll(async () => {
  database = await createTestDatabase()
  heart = connect(database.url, { purpose: 'test', owner: 'heart', max: 1 })
  port = await freePort()
  suspect = { node: 'node-a', incarnation: 'inc-a', url: `http://127.0.0.1:${port}`, presenceKey: '281474976710000' }
})
afterEach(async () => {
  await close()
  await heart`select pg_advisory_unlock_all()`
})
afterAll(async () => {
  await heart.end()
  await database.drop()
})

async function listen(): Promise<void> {
  server = createServer().listen(port, '127.0.0.1')
  await new Promise((resolve) => server?.once('listening', resolve))
}
async function close(): Promise<void> {
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)))
  server = undefined
}
const look = (clock: Clock = systemClock, times = 1) =>
  proveDeath(database.sql, suspect, { clock, times, signal: new AbortController().signal })
/** Does something in the middle of a look, where it would wait. */
const meanwhile = (act: () => Promise<unknown>): Clock => ({ ...systemClock, sleep: async () => void (await act()) })

test('an address that refuses twice and a presence lock that is free are a proof, told in a sentence', async () => {
  expect(await look()).toBe(`its process is gone: 127.0.0.1:${port} refuses connections and its presence lock is free.`)
})

test('one of the two is no proof', async () => {
  await listen()
  expect(await look()).toBeUndefined()
  await close()
  await heart`select pg_advisory_lock(${suspect.presenceKey}::bigint)`
  expect(await look()).toBeUndefined()
})

test('an address that refused once and then accepts belongs to a process that starts', async () => {
  expect(await look(meanwhile(listen))).toBeUndefined()
})

test('an address that accepted once is not taken for dead in the same look, but may be in the next', async () => {
  await listen()
  expect(await look(meanwhile(close))).toBeUndefined()
  expect(await look(meanwhile(close), 2)).toBeDefined()
})

test('looking at a presence lock keeps it from nobody', async () => {
  expect(await isPresenceFree(database.sql, suspect.presenceKey)).toBe(true)
  expect(await heart`select pg_try_advisory_lock(${suspect.presenceKey}::bigint) as held`).toEqual([{ held: true }])
  expect(await isPresenceFree(database.sql, suspect.presenceKey)).toBe(false)
})

test('an address is read from a url, with the port of its protocol; what is no url has none', () => {
  expect(addressOf('http://10.0.0.5:8081/')).toEqual({ host: '10.0.0.5', port: 8081 })
  expect(addressOf('https://tako.example')).toEqual({ host: 'tako.example', port: 443 })
  expect(addressOf('http://[::1]')).toEqual({ host: '::1', port: 80 })
  expect(addressOf('nonsense')).toBeUndefined()
})
