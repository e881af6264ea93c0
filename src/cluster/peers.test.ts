import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect as connectSocket, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { until } from '../../test/support/until.ts'
import { silentLog } from '../lib/log.ts'
import { refusesConnection } from './death-proof.ts'
import { acceptPeer, closeAcceptedPeers, createPeers, type Peer, type Peers } from './peers.ts'

const servers: Server[] = []
const peersMade: Peers[] = []
afterEach(async () => {
  for (const peers of peersMade.splice(0)) peers.stop()
  closeAcceptedPeers()
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
})

/** An HTTP server that takes links as a node does. */
async function listen(incarnation: string): Promise<{ url: string; port: number; server: Server }> {
  const server = createServer((_, response) => response.writeHead(404).end())
  server.on('upgrade', (request, socket, head) => {
    if (!acceptPeer(request, socket, head, incarnation)) socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, server }
}

function make(closed: Peer[] = []): Peers {
  const peers = createPeers({ onClosed: (peer) => closed.push(peer), log: silentLog })
  peersMade.push(peers)
  return peers
}

test('a link is up while its peer lives, and its end is told at once', async () => {
  const { url } = await listen('inc-a')
  const closed: Peer[] = []
  const peers = make(closed)
  peers.keep([{ node: 'node-a', incarnation: 'inc-a', url }])
  await until('the link', () => peers.linked().length === 1)
  closeAcceptedPeers()
  await until('its end', () => closed.length > 0)
  expect(closed).toMatchObject([{ node: 'node-a', incarnation: 'inc-a' }])
  expect(peers.linked()).toEqual([])
})

test('a link that was closed on purpose tells nothing, and one that is wanted again comes back', async () => {
  const { url } = await listen('inc-a')
  const closed: Peer[] = []
  const peers = make(closed)
  const peer = { node: 'node-a', incarnation: 'inc-a', url }
  peers.keep([peer])
  await until('the link', () => peers.linked().length === 1)
  peers.keep([])
  expect(peers.linked()).toEqual([])
  peers.keep([peer])
  await until('the link', () => peers.linked().length === 1)
  expect(closed).toEqual([])
})

test('a process that answers with another incarnation is no peer', async () => {
  const { url } = await listen('inc-b')
  const closed: Peer[] = []
  const peers = make(closed)
  for (let second = 0; second < 5; second += 1) {
    peers.keep([{ node: 'node-a', incarnation: 'inc-a', url }])
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect(peers.linked()).toEqual([])
  expect(closed).toEqual([])
})

test('a peer that cannot be linked to is tried again, and less often the longer it fails', async () => {
  let trials = 0
  const server = createServer((_, response) => response.writeHead(503).end())
  server.on('upgrade', (_, socket) => {
    trials += 1
    socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const peers = make()
  for (let second = 0; second < 20; second += 1) {
    peers.keep([{ node: 'node-a', incarnation: 'inc-a', url }])
    await new Promise((resolve) => setTimeout(resolve, 15))
  }
  expect(trials).toBeGreaterThan(2)
  expect(trials).toBeLessThan(10)
})

test('who talks on a link, or asks for more than an upgrade, is cut off; other upgrades are left alone', async () => {
  const { port } = await listen('inc-a')
  const ask = (request: string) =>
    new Promise<string>((resolve, reject) => {
      const socket: Socket = connectSocket(port, '127.0.0.1', () => socket.write(request))
      let answer = ''
      socket.on('data', (data) => {
        answer += data.toString()
        if (answer.startsWith('HTTP/1.1 101')) socket.write('hello')
      })
      socket.on('close', () => resolve(answer))
      socket.on('error', reject)
    })
  const upgrade = (path: string, protocol: string) =>
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`
  expect(await ask(upgrade('/api/peer', 'tako-peer'))).toMatch(/^HTTP\/1.1 101 .*tako-incarnation: inc-a\r\n/is)
  expect(await ask(`${upgrade('/api/peer', 'tako-peer')}more`)).toMatch(/^HTTP\/1.1 503 /)
  expect(await ask(upgrade('/api/peer', 'websocket'))).toMatch(/^HTTP\/1.1 400 /)
  expect(await ask(upgrade('/api/other', 'tako-peer'))).toMatch(/^HTTP\/1.1 400 /)
})

test('no more than 256 links are accepted, so that nobody can use them up without end', async () => {
  const { port } = await listen('inc-a')
  const sockets: Socket[] = []
  const answers = await Promise.all(
    Array.from(
      { length: 260 },
      () =>
        new Promise<string>((resolve, reject) => {
          const socket = connectSocket(port, '127.0.0.1', () =>
            socket.write('GET /api/peer HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tako-peer\r\n\r\n'),
          )
          sockets.push(socket)
          socket.once('data', (data) => resolve(data.toString().slice(0, 12)))
          socket.once('error', reject)
        }),
    ),
  )
  for (const socket of sockets) socket.destroy()
  expect(answers.filter((answer) => answer === 'HTTP/1.1 101')).toHaveLength(256)
})

test('only a refusal is a refusal: a listener that never answers, and an address that leads nowhere, are none', async () => {
  const { port, server } = await listen('inc-a')
  expect(await refusesConnection({ host: '127.0.0.1', port })).toBe(false)
  servers.splice(servers.indexOf(server), 1)
  await new Promise((resolve) => server.close(resolve))
  expect(await refusesConnection({ host: '127.0.0.1', port })).toBe(true)
  expect(await refusesConnection({ host: 'localhost', port })).toBe(true)
  expect(await refusesConnection({ host: 'nowhere.invalid', port })).toBe(false)
})
