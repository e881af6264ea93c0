import type { Socket } from 'node:net'
import { fastifyCookie } from '@fastify/cookie'
import { fastifyHelmet } from '@fastify/helmet'
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, LogController } from 'fastify'
import { MINUTE, SECOND } from '../lib/clock.ts'
import { Refusal } from '../lib/errors.ts'
import type { ApiContext } from './context.ts'
import { registerDocumentation } from './documentation.ts'
import { answerError } from './errors.ts'
import { parseBody } from './input.ts'
import { overrideMethod, unknownOverride } from './method-override.ts'
import type { Operation } from './operation.ts'
import { registerOperations } from './register.ts'

/** The most bytes of a body, unless the operation reads more. */
const BODY_LIMIT = 8 * 1024 * 1024

/** In every answer: the name of the node that gave it. */
const NODE_HEADER = 'octopus-node'

export interface ApiServerOptions {
  context: ApiContext
  operations: readonly Operation[]
  /**
   * Whose word on the caller's address and protocol (`X-Forwarded-For`, `-Proto`, `-Host`) is believed: addresses, ranges
   * in CIDR form, or `loopback`. Only this machine's own by default.
   */
  trustProxy?: string | string[]
}

/**
 * The HTTP server of a node with the rules of transport that hold for every request, and all operations. It does not listen
 * yet; further routes, such as the probes, may be added before it does.
 */
export function createApiServer({ context, operations, trustProxy = 'loopback' }: ApiServerOptions): FastifyInstance {
  const { log, node } = context
  const logger: FastifyBaseLogger = log
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy,
    bodyLimit: BODY_LIMIT,
    // Official clients build an upload for a minute and then reuse the pooled connection.
    keepAliveTimeout: 2 * MINUTE,
    requestTimeout: 5 * MINUTE,
    return503OnClosing: false,
    http: { maxHeaderSize: 64 * 1024, headersTimeout: MINUTE, connectionsCheckingInterval: 10 * SECOND },
    routerOptions: {
      caseSensitive: false,
      ignoreDuplicateSlashes: true,
      ignoreTrailingSlash: true,
      maxParamLength: 1000,
    },
    rewriteUrl: (request) => {
      overrideMethod(request)
      return request.url ?? '/'
    },
    frameworkErrors: (error, request, reply) => {
      void reply.header(NODE_HEADER, node.name)
      void answerError(error, request, reply, { log, node: node.name })
    },
    clientErrorHandler: answerBrokenRequest,
  })
  app.setErrorHandler((error: FastifyError, request, reply) =>
    answerError(error, request, reply, { log, node: node.name }),
  )
  app.setNotFoundHandler(async (request) => {
    throw new Refusal('NotFound', `There is nothing at ${request.method} ${request.url.split('?')[0]?.slice(0, 200)}.`)
  })
  app.addHook('onRequest', async (request, reply) => {
    void reply.header(NODE_HEADER, node.name)
    const method = unknownOverride(request.raw)
    if (method !== undefined)
      throw new Refusal(
        'MethodNotAllowed',
        `X-HTTP-Method-Override can ask for PUT, DELETE or PATCH, not for ${method.slice(0, 20)}.`,
      )
  })
  void app.register(fastifyCookie)
  void app.register(fastifyHelmet, SECURITY_HEADERS)
  void app.register(async (scope) => {
    readBodiesAsJson(scope)
    registerOperations(scope, operations, context)
  })
  void app.register(registerDocumentation, { operations })
  return app
}

/** Answers carry no page, so nothing may be loaded or framed from them; the documentation's page has a policy of its own. */
const SECURITY_HEADERS = {
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  frameguard: { action: 'deny' },
  referrerPolicy: { policy: 'no-referrer' },
  // Whether a name is only to be reached by https is for the operator of the balancer in front to say.
  strictTransportSecurity: false,
} as const

/** Whatever the content type says, unless it is multipart: scripts send JSON as a form. */
function readBodiesAsJson(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    const type = request.headers['content-type']
    if (type === undefined) return
    if (/^\s*multipart\//i.test(type))
      throw new Refusal('BadRequest', 'This operation reads JSON, not multipart. Send the body as JSON.')
    request.raw.headers['content-type'] = 'application/json'
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseBody(String(body)))
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
    }
  })
}

const BROKEN_REQUESTS: Record<string, { line: string; sentence: string }> = {
  ERR_HTTP_REQUEST_TIMEOUT: { line: '408 Request Timeout', sentence: 'The request did not arrive in time.' },
  HPE_HEADER_OVERFLOW: {
    line: '431 Request Header Fields Too Large',
    sentence: 'The headers or the path are longer than this server reads (64 KiB).',
  },
}

/** What is no HTTP gets a JSON answer too, and the connection ends. A connection that broke gets nothing and is nobody's fault. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { line, sentence } = BROKEN_REQUESTS[error.code ?? ''] ?? {
    line: '400 Bad Request',
    sentence: 'This is not a valid HTTP request.',
  }
  const body = JSON.stringify({ ErrorMessage: sentence, ...(line.startsWith('400') ? { Errors: [sentence] } : {}) })
  socket.end(
    `HTTP/1.1 ${line}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
