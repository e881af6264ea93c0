import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import Fastify, { type FastifyInstance, type InjectOptions } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Refusal } from '../lib/errors.ts'
import { isConsoleUrl, registerConsole } from './register-console.ts'

const STATUS = new Map<string, number>([
  ['NotFound', 404],
  ['Unavailable', 503],
])
const SCRIPT = 'export const answer = 42\n'
const PAGE = '<!doctype html><meta property="csp-nonce" nonce="TAKO_CSP_NONCE"><div id="root"></div>'

let folder = ''
let app: FastifyInstance

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tako-console-'))
  mkdirSync(join(folder, 'web', 'assets'), { recursive: true })
  writeFileSync(join(folder, 'secret.txt'), 'outside')
  writeFileSync(join(folder, 'web', 'index.html'), PAGE)
  writeFileSync(join(folder, 'web', 'favicon.svg'), '<svg/>')
  writeFileSync(join(folder, 'web', 'assets', 'index-AbC.js'), SCRIPT)
  writeFileSync(join(folder, 'web', 'assets', 'index-AbC.js.gz'), gzipSync(SCRIPT))
  app = await serve(join(folder, 'web'))
})

afterEach(async () => {
  await app.close()
  rmSync(folder, { recursive: true, force: true })
})

async function serve(web: string): Promise<FastifyInstance> {
  const routerOptions = { caseSensitive: false, ignoreDuplicateSlashes: true, ignoreTrailingSlash: true }
  const server = Fastify({ routerOptions })
  server.setErrorHandler((error, _request, reply) => {
    const code = error instanceof Refusal ? error.code : 'none'
    return reply.code(STATUS.get(code) ?? 500).send({ ErrorMessage: String(error) })
  })
  await server.register(registerConsole, { folder: web })
  return server
}

const get = (url: string, headers: Record<string, string> = {}, method: InjectOptions['method'] = 'GET') =>
  app.inject({ method, url, headers })

test.each(['/app', '/app/', '/app/nodes', '/app/nodes/node-1.example', '/APP//tasks?state=Failed', '/app/index.html'])(
  '%s opens the page',
  async (url) => {
    const answer = await get(url, { 'if-none-match': '*', 'accept-encoding': 'gzip' })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' })
    expect(answer.body).toContain('<div id="root">')
  },
)

test('the page and its policy have the same nonce, a new one each time', async () => {
  const answers = await Promise.all([get('/app'), get('/app')])
  const nonces = answers.map(({ body }) => /nonce="([\w-]{22})"/.exec(body)?.[1])
  expect(new Set(nonces).size).toBe(2)
  for (const [index, { headers }] of answers.entries()) {
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain(`style-src 'self' 'nonce-${nonces[index]}'`)
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toContain('unsafe')
  }
})

test('an asset is kept for good, compressed for who takes that', async () => {
  const plain = await get('/app/assets/index-AbC.js')
  expect(plain.body).toBe(SCRIPT)
  expect(plain.headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'Accept-Encoding',
  })
  expect(plain.headers['content-encoding']).toBeUndefined()
  const small = await get('/app/assets/index-AbC.js', { 'accept-encoding': 'br, gzip' })
  expect(small.headers['content-encoding']).toBe('gzip')
  expect(gunzipSync(small.rawPayload).toString()).toBe(SCRIPT)
  expect(small.headers.etag).not.toBe(plain.headers.etag)
})

test('what the browser has is answered with 304, each encoding by its own validator', async () => {
  const first = await get('/app/favicon.svg')
  expect(first.headers).toMatchObject({ 'content-type': 'image/svg+xml', 'cache-control': 'no-cache' })
  const again = await get('/app/favicon.svg', { 'if-none-match': String(first.headers.etag) })
  expect(again.statusCode).toBe(304)
  expect(again.body).toBe('')
  expect(again.headers.etag).toBe(first.headers.etag)
  const small = await get('/app/assets/index-AbC.js', { 'accept-encoding': 'gzip' })
  const other = await get('/app/assets/index-AbC.js', { 'if-none-match': String(small.headers.etag) })
  expect(other.statusCode).toBe(200)
})

test('HEAD says what GET would, without the body', async () => {
  for (const url of ['/app/assets/index-AbC.js', '/app/nodes']) {
    const [full, head] = await Promise.all([get(url), get(url, {}, 'HEAD')])
    expect(head.statusCode).toBe(200)
    expect(head.body).toBe('')
    expect(head.headers['content-length']).toBe(full.headers['content-length'])
    expect(head.headers['content-type']).toBe(full.headers['content-type'])
  }
})

test.each(['/app/assets/gone-123.js', '/app/assets/', '/app/assets/index-abc.js', '/app/assets/index-AbC.js.gz'])(
  '%s is 404, which nobody keeps, and not the page',
  async (url) => {
    const answer = await get(url, { accept: 'text/html' })
    expect(answer.statusCode).toBe(404)
    expect(answer.headers['cache-control']).toBe('no-store')
  },
)

test.each([
  '/app/../secret.txt',
  '/app/%2e%2e/secret.txt',
  '/app/..%2fsecret.txt',
  '/app/..\\secret.txt',
  '/app/assets/../../secret.txt',
  '/app//secret.txt',
])('%s does not reach out of the folder', async (url) => {
  const answer = await get(url)
  expect(answer.body).not.toContain('outside')
  expect([200, 404]).toContain(answer.statusCode)
})

test('/ leads a browser to the console, and nobody else', async () => {
  const browser = await get('/?x=1', { accept: 'text/html,*/*;q=0.8' })
  expect(browser.statusCode).toBe(302)
  expect(browser.headers).toMatchObject({ location: '/app', vary: 'Accept' })
  expect((await get('/', { accept: '*/*' })).statusCode).toBe(404)
  expect((await get('/')).statusCode).toBe(404)
})

test('without a build the answer is 503 and says what to do, as a page for a browser', async () => {
  const bare = await serve(join(folder, 'nothing'))
  const page = await bare.inject({ url: '/app/nodes', headers: { accept: 'text/html' } })
  expect(page.statusCode).toBe(503)
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(page.body).toContain('npm run build')
  const program = await bare.inject({ url: '/app/nodes' })
  expect(program.statusCode).toBe(503)
  expect(program.json().ErrorMessage).toContain('npm run build')
  await bare.close()
})

test('a build that replaces the files takes nothing away from a node that runs', async () => {
  await app.ready()
  rmSync(join(folder, 'web'), { recursive: true })
  expect((await get('/app/assets/index-AbC.js')).body).toBe(SCRIPT)
})

test.each([
  ['/', true],
  ['/?a', true],
  ['/app', true],
  ['//App/x', true],
  ['/app?x', true],
  ['/application', false],
  ['/api', false],
  ['/x/app', false],
])('%s is the console: %j', (url, expected) => {
  expect(isConsoleUrl(url)).toBe(expected)
})
