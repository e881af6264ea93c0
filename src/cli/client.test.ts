import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { ApiClient } from './client.ts'
import type { Credential } from './credentials.ts'
import { Transport } from './transport.ts'

const KEY: Credential = { kind: 'key', apiKey: 'API-TEST', source: 'a test' }
const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function listen(listener: RequestListener, port = 0): Promise<number> {
  const server = createServer(listener).listen(port, '127.0.0.1')
  servers.push(server)
  await new Promise((resolve) => server.once('listening', resolve))
  return (server.address() as AddressInfo).port
}

function clientOf(port: number, credential: Credential = KEY): { api: ApiClient; notices: string[] } {
  const notices: string[] = []
  const transport = new Transport({
    baseUrl: `http://127.0.0.1:${port}`,
    clock: systemClock,
    notice: (text) => notices.push(text),
  })
  return { api: new ApiClient(transport, credential, 'test'), notices }
}

/** Answers the requests one after the other; what has no more answers gets `{}`. */
function script(...answers: ((request: IncomingMessage, response: Parameters<RequestListener>[1]) => void)[]) {
  const requests: IncomingMessage[] = []
  const listener: RequestListener = (request, response) => {
    requests.push(request)
    request.resume()
    const answer = answers[requests.length - 1]
    if (answer) answer(request, response)
    else response.end('{"Good":true}')
  }
  return { requests, listener }
}

test('a call is repeated while the server refuses, is not ready, or drops the connection, and says so once', async () => {
  const { requests, listener } = script(
    (_, response) => response.writeHead(503).end('{}'),
    (_, response) => response.writeHead(502).end('<html>'),
    (_, response) => response.destroy(),
    (_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"Go')
      setTimeout(() => response.destroy(), 20)
    },
  )
  const { api, notices } = clientOf(await listen(listener))
  expect(await api.get('/api/x')).toEqual({ Good: true })
  expect(requests).toHaveLength(5)
  expect(notices).toEqual([
    expect.stringMatching(/is not ready \(503\); trying again for up to 10s\.$/),
    expect.stringMatching(/answers again\.$/),
  ])
})

test('a call is made as soon as a server that refused the connection listens', async () => {
  const port = await listen(() => {})
  const [first] = servers.splice(0)
  await new Promise((resolve) => first?.close(resolve))
  const { api, notices } = clientOf(port)
  const answer = api.get('/api/x')
  await expect.poll(() => notices.length).toBe(1)
  await listen(script().listener, port)
  expect(await answer).toEqual({ Good: true })
  expect(notices[0]).toContain('refused the connection')
})

test('every try of a POST carries the same idempotency key, and two POSTs have two', async () => {
  const { requests, listener } = script((_, response) => response.destroy())
  const { api } = clientOf(await listen(listener))
  await api.post('/api/tasks', { Name: 'x' })
  await api.post('/api/tasks', { Name: 'x' })
  const keys = requests.map((request) => request.headers['idempotency-key'])
  expect(keys).toHaveLength(3)
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/)
  expect(keys[1]).toBe(keys[0])
  expect(keys[2]).not.toBe(keys[0])
})

test('a call that must not happen twice is not repeated after the server may have heard it', async () => {
  const { requests, listener } = script((_, response) => response.destroy())
  const { api } = clientOf(await listen(listener))
  await expect(api.delete('/api/x')).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringContaining('dropped the connection'),
  })
  expect(requests).toHaveLength(1)
})

test('when patience ends, the last answer is told, in its own words', async () => {
  const { listener } = script(
    ...Array.from({ length: 20 }, () => (_: unknown, response: Parameters<RequestListener>[1]) => {
      response.writeHead(503).end('{"ErrorMessage":"No node answers."}')
    }),
  )
  const { api } = clientOf(await listen(listener))
  await expect(api.get('/api/x', { patienceMs: 300 })).rejects.toMatchObject({
    exitCode: 1,
    message: 'No node answers.',
  })
})

test('a call that is given up ends at once', async () => {
  const { api } = clientOf(await listen(() => {}))
  const giveUp = new AbortController()
  const answer = api.get('/api/x', { signal: giveUp.signal })
  giveUp.abort()
  await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
})

test('a redirection is not followed, for it would carry the key elsewhere', async () => {
  const elsewhere = script()
  const other = await listen(elsewhere.listener)
  const { listener } = script((_, response) =>
    response.writeHead(307, { location: `http://127.0.0.1:${other}/api/x` }).end(),
  )
  const { api } = clientOf(await listen(listener))
  await expect(api.get('/api/x')).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringContaining('redirection'),
  })
  expect(elsewhere.requests).toHaveLength(0)
})

test('the key goes in its header; without one the failure says how to log in', async () => {
  const refuse = (_: IncomingMessage, response: Parameters<RequestListener>[1]) => {
    response.writeHead(401).end('{"ErrorMessage":"Who are you?"}')
  }
  const { requests, listener } = script(refuse, refuse)
  const port = await listen(listener)
  await expect(clientOf(port).api.get('/api/x')).rejects.toMatchObject({
    exitCode: 4,
    hint: expect.stringContaining('key of a test'),
  })
  await expect(clientOf(port, { kind: 'none' }).api.get('/api/x')).rejects.toMatchObject({
    exitCode: 4,
    message: 'Who are you?',
    hint: expect.stringContaining(`tako login --url http://127.0.0.1:${port}`),
  })
  expect(requests.map((request) => request.headers['x-octopus-apikey'])).toEqual(['API-TEST', undefined])
})

test("the present is the server's, whose clock may differ from this one", async () => {
  const ahead = Date.now() + 3_600_000
  const { listener } = script((_, response) =>
    response.writeHead(200, { date: new Date(ahead).toUTCString() }).end('{}'),
  )
  const { api } = clientOf(await listen(listener))
  expect(Math.abs(api.nowMs() - Date.now())).toBeLessThan(100)
  await api.get('/api/x')
  expect(Math.abs(api.nowMs() - ahead)).toBeLessThan(3000)
})
