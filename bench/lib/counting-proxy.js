import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/**
 * A proxy before a database that counts round trips: each time a session's client speaks after the server did, or for
 * the first time, is one. A pipelined batch therefore counts as one, however many statements it holds.
 */
export async function startCountingProxy(databaseUrl) {
  const target = new URL(databaseUrl)
  const sockets = new Set()
  let roundTrips = 0
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    let clientSpeaks = false
    client.on('data', () => {
      if (!clientSpeaks) roundTrips += 1
      clientSpeaks = true
    })
    upstream.on('data', () => {
      clientSpeaks = false
    })
    client.pipe(upstream).pipe(client)
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ]) {
      socket.setNoDelay(true)
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(databaseUrl)
  url.port = String(server.address().port)
  return {
    url: url.href,
    roundTrips: () => roundTrips,
    sessions: () => sockets.size / 2,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
