import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { ApiClient } from './client.ts'
import { Transport } from './transport.ts'

let folder: string
let server: Server
let url: string
/** The sessions the server knows, newest last. */
let sessions: string[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tako-identity-'))
  sessions = []
  server = createServer((request, response) => {
    if (request.url === '/api/users/login') {
      sessions.push(`OctopusIdentificationToken_x=${sessions.length + 1}`)
      const cookies = [`${sessions.at(-1)}; Path=/; HttpOnly`, 'Octopus-Csrf-Token_x=csrf; Path=/']
      response.writeHead(200, { 'set-cookie': cookies }).end('{"Id":"Users-1"}')
      return
    }
    const known = sessions.some((session) => request.headers.cookie?.includes(session))
    const proven = known && request.headers['x-octopus-csrf-token'] === 'csrf'
    response.writeHead(proven ? 200 : 401).end(proven ? '{"Good":true}' : '{"ErrorMessage":"Who are you?"}')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true, force: true })
})

function command(): ApiClient {
  const transport = new Transport({ baseUrl: url, clock: systemClock, notice: () => {} })
  return new ApiClient(
    transport,
    { kind: 'password', username: 'admin', password: 'secret', folder, source: 'a test' },
    'test',
  )
}

test('a password is turned into a session once, for this command and the next ones', async () => {
  const first = command()
  expect(await first.get('/api/x')).toEqual({ Good: true })
  await first.post('/api/x')
  await command().get('/api/x')
  expect(sessions).toHaveLength(1)
  expect(statSync(join(folder, 'cli-session.json')).mode & 0o777).toBe(0o600)
})

test('when the kept session has ended, the command logs in again and does what it was asked', async () => {
  await command().get('/api/x')
  sessions = ['ended']
  expect(await command().post('/api/x')).toEqual({ Good: true })
  expect(sessions).toHaveLength(2)
})

test('a kept session is for its own server, and a damaged file is as none', async () => {
  await command().get('/api/x')
  const file = join(folder, 'cli-session.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace(url, 'http://127.0.0.1:1'))
  await command().get('/api/x')
  writeFileSync(file, '{"url":')
  await command().get('/api/x')
  expect(sessions).toHaveLength(3)
})

test('a refusal that is not about an old session is told and not repeated', async () => {
  await command().get('/api/x')
  sessions = []
  server.removeAllListeners('request')
  let logins = 0
  server.on('request', (request, response) => {
    if (request.url === '/api/users/login') logins += 1
    response.writeHead(401).end('{"ErrorMessage":"No."}')
  })
  await expect(command().get('/api/x')).rejects.toMatchObject({ exitCode: 4, message: 'No.' })
  expect(logins).toBe(1)
})
