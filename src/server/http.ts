import type { FastifyInstance } from 'fastify'
import { allOperations } from '../api/all-operations.ts'
import type { ApiContext } from '../api/context.ts'
import { createApiServer } from '../api/server.ts'
import { LameDuck } from '../balancer/lame-duck.ts'
import type { PingFacts } from '../balancer/ping.ts'
import { registerPing } from '../balancer/routes.ts'
import { acceptPeer, closeAcceptedPeers } from '../cluster/peers.ts'
import { isConsoleUrl, registerConsole } from '../console/register-console.ts'
import { SECOND } from '../lib/clock.ts'
import { ConfigurationError, messageOf, Refusal } from '../lib/errors.ts'
import type { DrainStatus, ServerOptions } from './options.ts'

/** How long a stopping node waits for requests in flight, after its lame duck. */
const REQUEST_DEADLINE_MS = 10 * SECOND

export interface NodeHttp {
  /** Listens at once: an address that refuses connections is one half of a proof of death. */
  listen(): Promise<void>
  /** The phases of an orderly stop up to the last request; the port stays open until `close`. */
  lameDuck: LameDuck
  quieten(hurry: AbortSignal): Promise<void>
  close(): Promise<void>
}

export interface HttpParts {
  options: ServerOptions
  context: ApiContext
  /** False until the database is prepared: what needs it is answered with 503. */
  isPrepared(): boolean
  facts(): PingFacts
  drainStatus: DrainStatus
}

/** The HTTP side of a node: API, web console, probes, links of peers, and the way they end. */
export function createHttp(parts: HttpParts): NodeHttp {
  const { options, context, facts, isPrepared } = parts
  const app = createApiServer({ context, operations: allOperations })
  const lameDuck = new LameDuck({
    lameDuckMs: options.timings.lameDuckMs,
    requestDeadlineMs: REQUEST_DEADLINE_MS,
    clock: context.clock,
  })
  refuseUntilPrepared(app, isPrepared)
  const inFlight = countRequests(app, lameDuck)
  registerPing(app, facts, parts.drainStatus)
  void app.register(registerConsole)
  app.server.on('upgrade', (request, socket, head) => {
    const incarnation = context.node.incarnation()
    if (incarnation !== undefined && acceptPeer(request, socket, head, incarnation)) return
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  })
  return {
    lameDuck,
    async listen() {
      await app.listen(options.listen).catch((error: unknown) => {
        throw cannotListen(error, options)
      })
    },
    async quieten(hurry) {
      await lameDuck.run(
        {
          endStreams: () => context.live.close(),
          closeIdleConnections: () => app.server.closeIdleConnections(),
          requestsInFlight: inFlight,
        },
        hurry,
      )
    },
    async close() {
      closeAcceptedPeers()
      app.server.closeAllConnections()
      await app.close()
    },
  }
}

function refuseUntilPrepared(app: FastifyInstance, isPrepared: () => boolean): void {
  app.addHook('onRequest', async (request) => {
    if (isPrepared() || isProbe(request.url) || isConsoleUrl(request.url)) return
    throw new Refusal(
      'Unavailable',
      'This node is starting and waits for its database. Try again in a moment, or another node.',
    )
  })
}

function isProbe(url: string): boolean {
  return /^\/+(livez|readyz|api\/+octopusservernodes\/+ping)\/?(\?|$)/i.test(url)
}

/** Counts requests that are not answered yet, streams left out; in the closing phase answers end their connection. */
function countRequests(app: FastifyInstance, lameDuck: LameDuck): () => number {
  let inFlight = 0
  app.addHook('onRequest', async (request, reply) => {
    if (lameDuck.isClosing) void reply.header('connection', 'close')
    if (/\/events\/stream/i.test(request.url)) return
    inFlight += 1
    reply.raw.once('close', () => {
      inFlight -= 1
    })
  })
  app.addHook('onSend', async (_request, reply) => {
    if (lameDuck.isClosing) void reply.header('connection', 'close')
  })
  return () => inFlight
}

function cannotListen(error: unknown, { listen }: ServerOptions): ConfigurationError {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  const where = `${listen.host}:${listen.port}`
  if (code === 'EADDRINUSE') {
    return new ConfigurationError(`The address ${where} is used by another process. Choose another port with --listen.`)
  }
  if (code === 'EACCES') {
    return new ConfigurationError(`This user may not listen on ${where}. Choose a port above 1023 with --listen.`)
  }
  return new ConfigurationError(`It is not possible to listen on ${where}: ${messageOf(error)}.`)
}
