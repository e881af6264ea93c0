import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { findFreePort } from './free-port.ts'
import { type FrontDoor, openFrontDoor } from './front-door.ts'
import type { NodeHealth } from './node-health.ts'

/** How long a condition may take to come about on a busy machine. */
const SOON = { timeout: 15_000 }

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A node as the front door sees one: a ping whose answer can be changed, and a handler for everything else. */
interface Node {
  name: string
  url: string
  port: number
  ping: { status: number; state: string }
  server: Server
  close(): Promise<void>
}

let door: FrontDoor | undefined
let nodes: Node[] = []

afterEach(async () => {
  await door?.close()
  for (const node of nodes) await node.close()
  door = undefined
  nodes = []
})

const sayName: (name: string) => Handler = (name) => (_, response) => response.end(name)

async function startNode(name: string, handler: Handler = sayName(name), port = 0): Promise<Node> {
  const ping = { status: 200, state: 'Online' }
  const server = createServer((request, response) => {
    if (request.url !== '/api/octopusservernodes/ping') return handler(request, response)
    response.writeHead(ping.status, { 'content-type': 'application/json' }).end(JSON.stringify({ Status: ping.state }))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const actual = typeof address === 'object' && address ? address.port : 0
  const close = async () => {
    if (!server.listening) return
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  const node = { name, url: `http://127.0.0.1:${actual}`, port: actual, ping, server, close }
  nodes.push(node)
  return node
}

async function openDoor(targets: readonly { name: string; url: string }[], ...healths: NodeHealth[]): Promise<string> {
  const opened = await openFrontDoor({ host: '127.0.0.1', port: 0, nodes: targets })
  door = opened
  await expect.poll(() => opened.nodes.map(({ health }) => health), { timeout: 10_000 }).toEqual(healths)
  return `http://127.0.0.1:${opened.port}`
}

const get = async (url: string) => (await fetch(url)).text()

test('requests are spread over the ready nodes, not over drained ones', async () => {
  const [a, b, c] = await Promise.all([startNode('a'), startNode('b'), startNode('c')])
  c.ping = Object.assign(c.ping, { status: 418, state: 'Drained' })
  const url = await openDoor([a, b, c], 'ready', 'ready', 'drained')
  const answers = await Promise.all([1, 2, 3, 4].map(() => get(url)))
  expect(answers.sort()).toEqual(['a', 'a', 'b', 'b'])
})

test('when all nodes are drained they are asked all the same, so that one can undrain', async () => {
  const a = await startNode('a')
  Object.assign(a.ping, { status: 503, state: 'Draining' })
  const url = await openDoor([a], 'drained')
  expect(await get(url)).toBe('a')
})

test('when no node can take it the answer is 503 with a sentence', async () => {
  const a = await startNode('a')
  Object.assign(a.ping, { status: 503, state: 'Starting' })
  const url = await openDoor(
    [a, { name: 'b', url: `http://127.0.0.1:${await findFreePort('127.0.0.1')}` }],
    'unready',
    'silent',
  )
  const response = await fetch(url)
  expect(response.status).toBe(503)
  expect(await response.json()).toEqual({
    ErrorMessage:
      'No node can take this request: a not ready (starting, stopping, or without the database); b not answering. Try again in a moment.',
    Errors: [],
  })
})

test('the console comes from any node that answers, ready or not', async () => {
  const a = await startNode('a')
  Object.assign(a.ping, { status: 503, state: 'Starting' })
  const url = await openDoor([a], 'unready')
  expect(await get(`${url}/app/nodes`)).toBe('a')
  expect((await fetch(`${url}/api/tasks`)).status).toBe(503)
})

test('a node that has just gone away costs no request, not even one with a body', async () => {
  const echo: Handler = (request, response) => void text(request).then((body) => response.end(body))
  const [a, b] = await Promise.all([startNode('a', echo), startNode('b', echo)])
  const url = await openDoor([a, b], 'ready', 'ready')
  await a.close()
  const bodies = ['one', 'two', 'three', 'four'].map((body) => body.repeat(50_000))
  const answers = await Promise.all(
    bodies.map((body) => fetch(url, { method: 'POST', body }).then((answer) => answer.text())),
  )
  expect(answers).toEqual(bodies)
  expect(door?.nodes[0]?.health).toBe('silent')
})

test('a node that comes back gets requests again', async () => {
  const a = await startNode('a')
  const url = await openDoor([a], 'ready')
  await a.close()
  expect((await fetch(url)).status).toBe(503)
  await startNode('a', sayName('a again'), a.port)
  await expect.poll(() => get(url), SOON).toBe('a again')
})

test('a reading request that a node breaks off is given to another; a changing one gets 502, never a second try', async () => {
  let changes = 0
  const breakOff: Handler = (request) => {
    if (request.method === 'POST') changes += 1
    request.socket.destroy()
  }
  const [a, b] = await Promise.all([startNode('a', breakOff), startNode('b')])
  const url = await openDoor([a, b], 'ready', 'ready')
  expect(await Promise.all([get(url), get(url)])).toEqual(['b', 'b'])
  const answers = await Promise.all([1, 2].map(() => fetch(url, { method: 'POST', body: 'x' })))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 502])
  expect(changes).toBe(1)
  const broken = answers.find(({ status }) => status === 502)
  expect(await broken?.json()).toMatchObject({
    ErrorMessage: expect.stringContaining('Whether it was carried out is not known'),
  })
})

test('a frozen node, which accepts connections and says nothing, holds nobody for long', async () => {
  const [a, b] = await Promise.all([startNode('a'), startNode('b')])
  const url = await openDoor([a, b], 'ready', 'ready')
  await a.close()
  const frozen = createTcpServer(() => {}).listen(a.port, '127.0.0.1')
  await once(frozen, 'listening')
  expect(await Promise.all([get(url), get(url), get(url), get(url)])).toEqual(['b', 'b', 'b', 'b'])
  frozen.close()
})

test('the node sees host, asker, protocol, method, path and query as they were sent', async () => {
  const seen: IncomingMessage[] = []
  const a = await startNode('a', (request, response) => {
    seen.push(request)
    response.writeHead(201, { 'x-own': '1', 'set-cookie': ['a=1', 'b=2'] }).end()
  })
  const url = await openDoor([a], 'ready')
  const [client] = [
    httpRequest(`${url}/api/Tasks/x%2Fy?take=1&take=2&name=%C3%A4`, {
      method: 'PUT',
      headers: { host: 'tako.example:80', 'x-forwarded-for': '203.0.113.9', 'content-length': '0' },
    }),
  ]
  client.end()
  const [response] = await once(client, 'response')
  expect(response).toMatchObject({ statusCode: 201, headers: { 'x-own': '1', 'set-cookie': ['a=1', 'b=2'] } })
  response.resume()
  expect(seen[0]).toMatchObject({ method: 'PUT', url: '/api/Tasks/x%2Fy?take=1&take=2&name=%C3%A4' })
  expect(seen[0]?.headers).toMatchObject({
    host: 'tako.example:80',
    'x-forwarded-for': '203.0.113.9, 127.0.0.1',
    'x-forwarded-proto': 'http',
  })
})

test('what a stranger says about who asks for whom is not passed on', async () => {
  const seen: IncomingMessage['headers'][] = []
  const a = await startNode('a', (request, response) => {
    seen.push(request.headers)
    response.end()
  })
  const url = await openDoor([a], 'ready')
  const headers = {
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    forwarded: 'for=203.0.113.9',
  }
  const client = httpRequest(url, { headers, localAddress: '127.0.0.2' }).end()
  const [response] = await once(client, 'response')
  response.resume()
  expect(seen[0]).toMatchObject({ 'x-forwarded-for': '127.0.0.2', 'x-forwarded-proto': 'http' })
  expect(
    Object.keys(seen[0] ?? {})
      .filter((name) => /forwarded/.test(name))
      .sort(),
  ).toEqual(['x-forwarded-for', 'x-forwarded-proto'])
})

test.each(['HEAD', 'OPTIONS', 'DELETE', 'PATCH'])('%s goes through', async (method) => {
  const a = await startNode('a', (request, response) =>
    response.writeHead(200, { 'x-method': request.method ?? '', 'content-length': '1' }).end('x'),
  )
  const url = await openDoor([a], 'ready')
  const response = await fetch(`${url}/x`, { method })
  expect(response.headers.get('x-method')).toBe(method)
  expect(await response.text()).toBe(method === 'HEAD' ? '' : 'x')
})

test('HTTP/1.0 without Host goes through', async () => {
  const a = await startNode('a')
  const url = await openDoor([a], 'ready')
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write('GET /api/octopusservernodes/ping HTTP/1.0\r\n\r\n')
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
})

test('an event stream arrives event by event, its head before its first event, and its end reaches the node', async () => {
  const streams: ServerResponse[] = []
  const a = await startNode('a', (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    streams.push(response)
  })
  const url = await openDoor([a], 'ready')
  const leave = new AbortController()
  const response = await fetch(url, { signal: leave.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
    streams[0]?.write(event)
    expect((await reader?.read())?.value).toBe(event)
  }
  leave.abort()
  await expect.poll(() => streams[0]?.destroyed, SOON).toBe(true)
})

test('an upload is passed on while it is being sent, and a sender who leaves breaks it off at the node', async () => {
  let received = 0
  let brokenOff = false
  const a = await startNode('a', (request) => {
    request.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    request.on('error', () => {
      brokenOff = true
    })
  })
  const url = await openDoor([a], 'ready')
  const upload = httpRequest(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', expect: '100-continue' },
  })
  upload.on('error', () => {})
  upload.write(Buffer.alloc(300_000))
  await expect.poll(() => received, SOON).toBe(300_000)
  upload.destroy()
  await expect.poll(() => brokenOff, SOON).toBe(true)
})

test('an upload of 64 MB and a download of 64 MB arrive whole', async () => {
  const size = 64 * 1024 * 1024
  const a = await startNode('a', (request, response) => {
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    request.on('end', () => response.writeHead(200, { 'x-bytes': String(bytes) }).end(Buffer.alloc(size)))
  })
  const url = await openDoor([a], 'ready')
  const response = await fetch(url, { method: 'PUT', body: Buffer.alloc(size) })
  expect(response.headers.get('x-bytes')).toBe(String(size))
  expect((await response.arrayBuffer()).byteLength).toBe(size)
})

test('a refusal that comes before the upload has ended reaches the sender', async () => {
  const a = await startNode('a', (_, response) => response.writeHead(413, { connection: 'close' }).end('too large'))
  const url = await openDoor([a], 'ready')
  const upload = httpRequest(url, { method: 'POST' })
  upload.on('error', () => {})
  upload.write(Buffer.alloc(1000))
  const [response] = await once(upload, 'response')
  expect(response.statusCode).toBe(413)
  expect(await text(response)).toBe('too large')
  upload.destroy()
})

test('the connection of a client is kept although the node closes its own', async () => {
  const a = await startNode('a', (_, response) => response.writeHead(200, { connection: 'close' }).end('a'))
  const url = await openDoor([a], 'ready')
  const response = await fetch(url)
  expect(response.headers.get('connection')).toBe('keep-alive')
  expect(response.headers.get('keep-alive')).toBe('timeout=80')
})

test('a path that no server could understand is refused, and the door stays open', async () => {
  const a = await startNode('a')
  const url = await openDoor([a], 'ready')
  const statuses = await Promise.all(
    ['/%zz', '/a/%2e%2e/b/%2e%2e%2f'].map(async (path) => (await fetch(url + path)).status),
  )
  expect(statuses.every((status) => status === 400 || status === 200)).toBe(true)
  await delay(0)
  expect(await get(url)).toBe('a')
})

test('a used port is told by the error of listening', async () => {
  const a = await startNode('a')
  await expect(openFrontDoor({ host: '127.0.0.1', port: a.port, nodes: [] })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
})
