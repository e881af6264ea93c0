import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import type { Log } from '../lib/log.ts'
import type { Peer } from './peers.ts'

/** The protocol's name in the upgrade request. */
export const PEER_PROTOCOL = 'tako-peer'

/** An idle connection to another node's incarnation. */
export interface PeerLink {
  isUp(): boolean
  /** Opens it again when it is down, less often the longer it fails. */
  retry(): void
  close(): void
}

const OPEN_WITHIN_MS = 3000
const KEEP_ALIVE_MS = 10_000
/** After so many failures in a row the time between two trials grows no more. */
const MOST_SKIPPED = 30

/** Opens a link at once. `onClosed` is called each time a link that was up has ended without being closed here. */
export function openPeerLink(peer: Peer, onClosed: () => void, log: Log): PeerLink {
  let state: 'down' | 'opening' | 'up' | 'closed' = 'down'
  let skip = 0
  let failures = 0
  let current: ClientRequest | Socket | undefined

  const failed = (why: string) => {
    if (state !== 'opening') return
    state = 'down'
    failures = Math.min(failures + 1, MOST_SKIPPED)
    skip = failures - 1
    log.debug({ peer: peer.node, why }, 'no link to a peer')
  }
  const established = (socket: Socket) => {
    state = 'up'
    failures = 0
    current = socket
    socket.setTimeout(0)
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    socket.resume()
    socket.on('error', () => socket.destroy())
    socket.once('end', () => socket.destroy())
    socket.once('close', () => {
      if (state !== 'up') return
      state = 'down'
      onClosed()
    })
  }
  const open = () => {
    state = 'opening'
    current = upgrade(peer, {
      failed,
      established: (socket, incarnation) => {
        if (state === 'opening' && incarnation === peer.incarnation) return established(socket)
        socket.destroy()
        failed('another incarnation answered')
      },
    })
  }
  const link: PeerLink = {
    isUp: () => state === 'up',
    retry() {
      if (state !== 'down') return
      if (skip > 0) skip -= 1
      else open()
    },
    close() {
      state = 'closed'
      current?.destroy()
    },
  }
  return link
}

interface Answers {
  failed(why: string): void
  established(socket: Socket, incarnation: string | undefined): void
}

/** Asks for the upgrade. Exactly one of the answers is given. */
function upgrade(peer: Peer, answers: Answers): ClientRequest | undefined {
  const url = `${peer.url.replace(/\/$/, '')}/api/peer`
  if (!/^https?:/.test(url) || !URL.canParse(url)) {
    answers.failed('its url is none')
    return undefined
  }
  const send = url.startsWith('https:') ? httpsRequest : httpRequest
  const request = send(url, {
    agent: false,
    headers: { connection: 'Upgrade', upgrade: PEER_PROTOCOL },
    timeout: OPEN_WITHIN_MS,
  })
  request.once('upgrade', (response: IncomingMessage, socket) => {
    const { 'tako-incarnation': incarnation } = response.headers
    answers.established(socket as Socket, typeof incarnation === 'string' ? incarnation : undefined)
  })
  request.once('response', (response) => {
    response.resume()
    request.destroy()
    answers.failed(`it answered ${response.statusCode}`)
  })
  request.once('timeout', () => request.destroy(new Error('it did not answer in time')))
  request.once('error', (error) => answers.failed(error.message))
  request.end()
  return request
}
