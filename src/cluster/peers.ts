import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Log } from '../lib/log.ts'
import { openPeerLink, PEER_PROTOCOL, type PeerLink } from './peer-link.ts'

/** Another node's incarnation that is to be watched. */
export interface Peer {
  node: string
  incarnation: string
  url: string
}

export interface PeersOptions {
  /** A link that was up has ended: the peer may be dead. */
  onClosed(peer: Peer): void
  log: Log
}

/** Links to all other nodes: idle connections whose end is the first sign of a death. */
export interface Peers {
  /** Links to exactly these, opening and closing what differs. To be called each second: it also tries again. */
  keep(peers: readonly Peer[]): void
  /** Incarnations whose link is up. */
  linked(): readonly string[]
  stop(): void
}

/** At most so many nodes are linked to: beyond that, a death is noticed by the silence of the presence lock instead. */
const MOST_LINKS = 200

export function createPeers({ onClosed, log }: PeersOptions): Peers {
  const links = new Map<string, PeerLink>()
  const close = (incarnation: string) => {
    links.get(incarnation)?.close()
    links.delete(incarnation)
  }
  return {
    keep(peers) {
      const wanted = new Map(peers.slice(0, MOST_LINKS).map((peer) => [peer.incarnation, peer]))
      for (const incarnation of links.keys()) if (!wanted.has(incarnation)) close(incarnation)
      for (const [incarnation, peer] of wanted) {
        const link = links.get(incarnation) ?? openPeerLink(peer, () => onClosed(peer), log)
        links.set(incarnation, link)
        link.retry()
      }
    },
    linked: () => [...links].filter(([, link]) => link.isUp()).map(([incarnation]) => incarnation),
    stop() {
      for (const incarnation of [...links.keys()]) close(incarnation)
    },
  }
}

const MOST_ACCEPTED = 256
const accepted = new Set<Duplex>()

/**
 * Takes an upgrade request for a link (`GET /api/peer`, `Upgrade: tako-peer`): to be called by the HTTP server's `upgrade`
 * event. Returns false, having done nothing, when the request is for something else. The connection then stays idle until
 * one of the two processes ends. The node must listen from before its registration until after its goodbye: an address
 * that refuses connections is one half of a proof of death.
 */
export function acceptPeer(request: IncomingMessage, socket: Duplex, head: Buffer, incarnation: string): boolean {
  const path = new URL(request.url ?? '/', 'http://node').pathname
  if (request.headers.upgrade?.toLowerCase() !== PEER_PROTOCOL || !path.endsWith('/api/peer')) return false
  socket.on('error', () => socket.destroy())
  if (request.method !== 'GET' || accepted.size >= MOST_ACCEPTED || head.length > 0) {
    socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    return true
  }
  accepted.add(socket)
  socket.once('close', () => accepted.delete(socket))
  // Nothing is expected on the link; whoever talks on it is not a peer.
  socket.on('data', () => socket.destroy())
  socket.once('end', () => socket.destroy())
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${PEER_PROTOCOL}\r\nTako-Incarnation: ${incarnation}\r\n\r\n`,
  )
  return true
}

/** Ends all accepted links, so that a server that has closed can end; after goodbye. */
export function closeAcceptedPeers(): void {
  for (const socket of accepted) socket.destroy()
}
