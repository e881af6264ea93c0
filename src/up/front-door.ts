import type { IncomingHttpHeaders } from 'node:http'
import { connect, type Socket } from 'node:net'
import replyFrom from '@fastify/reply-from'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { chooseNode, chooseNodeForConsole, explainNoNode, isConsolePath } from './node-health.ts'
import { type NodeWatch, type WatchedNode, watchNodes } from './node-watch.ts'
import { lazyBody } from './request-body.ts'

/** Longer than the idle time after which clients and balancers give a connection up. */
const KEEP_ALIVE_MS = 80_000

export interface FrontDoorOptions {
  host: string
  port: number
  nodes: readonly { name: string; url: string }[]
}

/** One address for all nodes. */
export interface FrontDoor {
  readonly nodes: NodeWatch['nodes']
  readonly port: number
  close(): Promise<void>
}

/**
 * Opens the one address: each request goes to a node whose ping answers 200; while there is none, to one that is drained,
 * so that one can always undrain. The web console comes from any node that answers. 503 with a sentence when no node can take it. Rejects with the error of `listen`.
 */
export async function openFrontDoor({ host, port, nodes }: FrontDoorOptions): Promise<FrontDoor> {
  const connections = trackConnections()
  const watch = watchNodes(nodes, (node) => connections.cut(node.url))
  const app = createApp(connections.open, watch)
  try {
    await app.listen({ host, port })
  } catch (error) {
    await watch.stop()
    await app.close()
    throw error
  }
  const address = app.server.address()
  return {
    nodes: watch.nodes,
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      await watch.stop()
      await app.close()
    },
  }
}

type Connector = (
  target: { hostname: string; port: string },
  done: (...result: [null, Socket] | [Error, null]) => void,
) => void

/** Opens connections to nodes, and cuts all those to a node that will not answer on them. */
function trackConnections(): { open: Connector; cut: (url: string) => void } {
  const bySide = new Map<string, Set<Socket>>()
  return {
    open({ hostname, port }, done) {
      const side = `${hostname}:${port}`
      const sockets = bySide.get(side) ?? new Set()
      bySide.set(side, sockets)
      const socket = connect({ host: hostname, port: Number(port), noDelay: true, keepAlive: true })
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      const fail = (error: Error) => done(error, null)
      socket.once('error', fail)
      socket.once('connect', () => {
        socket.off('error', fail)
        done(null, socket)
      })
    },
    cut(url) {
      for (const socket of bySide.get(new URL(url).host) ?? [])
        socket.destroy(new Error('the node has stopped answering'))
    },
  }
}

function createApp(open: Connector, watch: NodeWatch): FastifyInstance {
  const app = fastify({
    logger: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    routerOptions: { maxParamLength: 100_000 },
    frameworkErrors: (error, _request, reply) => refuse(reply, error.statusCode ?? 400, error.message),
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, lazyBody(payload)))
  app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) =>
    refuse(reply, error.statusCode ?? 502, error.message),
  )
  // An upload, a download or a stream of events lasts as long as it lasts.
  app.register(replyFrom, {
    disableRequestLogging: true,
    destroyAgent: true,
    undici: { connect: open, connections: null, headersTimeout: 0, bodyTimeout: 0, pipelining: 1 },
  })
  let turn = 0
  app.all('/*', (request, reply) => {
    turn += 1
    return forward({ request, reply, watch, turn, tried: new Set() })
  })
  return app
}

interface Passage {
  request: FastifyRequest
  reply: FastifyReply
  watch: NodeWatch
  turn: number
  tried: Set<WatchedNode>
}

function forward(passage: Passage): FastifyReply {
  const { request, reply, watch, turn, tried } = passage
  const choose = isConsolePath(request.url) ? chooseNodeForConsole : chooseNode
  const node = choose(watch.nodes, turn, tried)
  if (!node) return refuse(reply, 503, explainNoNode(watch.nodes))
  tried.add(node)
  return reply.from(undefined, {
    getUpstream: () => node.url,
    rewriteRequestHeaders: (_request, headers) => forwardedHeaders(request, headers),
    rewriteHeaders: withoutConnectionHeaders,
    onResponse: (_request, _reply, { stream }) => {
      reply.send(stream)
      // The reader of an event stream waits for the head, which otherwise waits for the first event.
      if (String(reply.getHeader('content-type')).startsWith('text/event-stream')) reply.raw.flushHeaders()
    },
    onError: (_reply, { error }) => tryElsewhere(passage, node, error),
  })
}

/** Another node gets the request when this one has certainly not, or when getting it twice changes nothing. */
function tryElsewhere(passage: Passage, node: WatchedNode, error: Error): void {
  const { request, reply } = passage
  if (request.raw.destroyed && !request.raw.complete) {
    reply.hijack()
    return
  }
  const code = error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : ''
  const isUndelivered = code === 'ECONNREFUSED' && !request.raw.readableDidRead
  if (code === 'ECONNREFUSED') node.health = 'silent'
  const hasBody = request.body !== undefined && request.body !== null
  if (isUndelivered && hasBody) request.body = lazyBody(request.raw)
  if (isUndelivered || (!hasBody && ['GET', 'HEAD', 'OPTIONS'].includes(request.method))) {
    forward(passage)
    return
  }
  refuse(
    reply,
    502,
    `${node.name} broke off while it had this request. Whether it was carried out is not known: look before you repeat it.`,
  )
}

function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  if (status === 503) reply.header('retry-after', '1')
  return reply.code(status).header('cache-control', 'no-store').send({ ErrorMessage: message, Errors: [] })
}

/** What belongs to one connection and not to the message (RFC 9110, 7.6.1), and what the front door itself has answered. */
const CONNECTION_HEADERS = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]

function withoutConnectionHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !CONNECTION_HEADERS.includes(name)))
}

const CLAIMS = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
]

/** The node sees which host was asked for, and who asked. Only a proxy on this machine is believed in what it says of that. */
function forwardedHeaders(request: FastifyRequest, headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const forwarded = withoutConnectionHeaders(headers)
  if (request.headers.host !== undefined) forwarded.host = request.headers.host
  const isFromHere = ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(request.ip)
  if (!isFromHere) for (const name of CLAIMS) delete forwarded[name]
  const before = forwarded['x-forwarded-for']
  forwarded['x-forwarded-for'] = before === undefined ? request.ip : `${before}, ${request.ip}`
  forwarded['x-forwarded-proto'] ??= 'http'
  if (request.method === 'GET' || request.method === 'HEAD') delete forwarded['content-length']
  return forwarded
}
