import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../lib/errors.ts'
import { CONSOLE_FOLDER, type ConsoleFile, type ConsoleFiles, INDEX, readConsoleFiles } from './console-files.ts'
import { acceptsGzip, isKnown, wantsPage } from './negotiation.ts'
import { PERMISSIONS_POLICY, pagePolicy } from './page-policy.ts'

/** Stands in the built page where the nonce of the answer belongs (`html.cspNonce` in web/vite.config.ts). */
const NONCE_PLACEHOLDER = 'TAKO_CSP_NONCE'

/** Files whose names change with their content. */
const ASSETS = 'assets/'

/** True for what the console answers: it needs neither database nor login. */
export function isConsoleUrl(url: string): boolean {
  return /^\/+(app(\/|\?|$)|(\?|$))/i.test(url)
}

/**
 * Serves the web console under /app, read once into memory when the server gets ready, so that a build that replaces the
 * files takes nothing away from a node that runs. Every path that is no file opens the page, which has routes of its own.
 * A browser that asks for / is sent to /app. 503 with a sentence when the console is not built.
 */
export async function registerConsole(app: FastifyInstance, { folder = CONSOLE_FOLDER } = {}): Promise<void> {
  const files = await readConsoleFiles(folder)
  app.get('/', async (request, reply) => {
    reply.header('vary', 'Accept')
    if (!wantsPage(request.headers.accept)) throw notFound(request)
    return reply.redirect('/app', 302)
  })
  const serve = async (request: FastifyRequest, reply: FastifyReply) =>
    files ? serveFile(files, request, reply) : sayNotBuilt(request, reply)
  app.get('/app', serve)
  app.get('/app/*', serve)
}

function serveFile(files: ConsoleFiles, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = pathBelowApp(request)
  const file = files.get(path)
  if (file && path !== INDEX) return sendFile(file, path, request, reply)
  if (path.startsWith(ASSETS)) {
    // Another node may have it, behind the same address.
    reply.header('cache-control', 'no-store')
    throw notFound(request)
  }
  const index = files.get(INDEX)
  if (!index) throw notFound(request)
  return sendPage(index.body.toString('utf8'), reply)
}

/** Only a key into what was read at the start: no path reaches the file system. */
function pathBelowApp({ url }: FastifyRequest): string {
  return url.replace(/\?.*$/s, '').replace(/^\/+app\/*/i, '')
}

function sendFile(file: ConsoleFile, path: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const gzip = acceptsGzip(request.headers['accept-encoding']) ? file.gzip : undefined
  const etag = `"${file.hash}${gzip ? '-gzip' : ''}"`
  reply.headers({
    etag,
    vary: 'Accept-Encoding',
    'cache-control': path.startsWith(ASSETS) ? 'public, max-age=31536000, immutable' : 'no-cache',
  })
  if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
  if (gzip) reply.header('content-encoding', 'gzip')
  return reply.type(file.type).send(gzip ?? file.body)
}

/** Not answered with 304: the nonce in a page that the browser has kept would not be the one of this answer's policy. */
function sendPage(page: string, reply: FastifyReply): FastifyReply {
  const nonce = randomBytes(16).toString('base64url')
  return reply
    .headers({
      'cache-control': 'no-cache',
      'content-security-policy': pagePolicy(nonce),
      'permissions-policy': PERMISSIONS_POLICY,
    })
    .type('text/html; charset=utf-8')
    .send(page.replaceAll(NONCE_PLACEHOLDER, nonce))
}

const NOT_BUILT =
  'The web console is not built on this node, its API works without it. Run "npm run build" in the folder of Tako, and start the node again.'

function sayNotBuilt(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!wantsPage(request.headers.accept)) throw new Refusal('Unavailable', NOT_BUILT)
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tako</title><h1>No console here</h1><p>${NOT_BUILT}</p></html>\n`
  return reply.code(503).headers({ 'cache-control': 'no-store' }).type('text/html; charset=utf-8').send(page)
}

function notFound(request: FastifyRequest): Refusal {
  return new Refusal('NotFound', `There is nothing at ${request.method} ${request.url.split('?')[0]?.slice(0, 200)}.`)
}
