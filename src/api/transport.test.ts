import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createTestUser, startTestApi, type TestApi } from '../../test/support/api-server.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { createSession } from '../identity/sessions.ts'
import { Refusal } from '../lib/errors.ts'
import { must } from '../lib/must.ts'
import { commaList, duration, isoDate, moment, paging } from './fields.ts'
import { operation } from './operation.ts'

let triggered = 0

const things = [
  operation({
    method: 'GET',
    path: '/things',
    scope: 'mixed',
    permission: 'TaskView',
    summary: 'List',
    query: z.object({
      ...paging,
      ids: commaList(),
      partialName: z.string().optional(),
      running: z.boolean().optional(),
    }),
    handle: async ({ query, space }) => ({ Query: query, Space: space ?? null }),
  }),
  operation({
    method: 'POST',
    path: '/things',
    scope: 'space',
    permission: 'TaskCreate',
    summary: 'Create',
    body: z.object({
      Name: z.string(),
      Port: z.int().min(1).max(65535).optional(),
      IsOn: z.boolean().optional(),
      RunAt: isoDate().nullish(),
      Limit: duration().optional(),
      Until: moment().optional(),
      Syntax: z.enum(['Bash', 'Python']).optional(),
      Parts: z.array(z.object({ PartName: z.string(), Size: z.number().optional() })).optional(),
      Arguments: z.record(z.string(), z.unknown()).optional(),
    }),
    answers: { 201: 'The thing.' },
    handle: async ({ body, space }) => ({ ...body, Space: space }),
  }),
  operation({
    method: 'GET',
    path: '/things/all',
    scope: 'mixed',
    permission: 'authenticated',
    summary: 'All',
    handle: async () => [],
  }),
  operation({
    method: 'GET',
    path: '/things/{id}',
    scope: 'mixed',
    permission: 'authenticated',
    summary: 'One',
    params: z.object({ id: z.string() }),
    handle: async ({ params, request }) => ({ Id: params.id, Method: request.method }),
  }),
  operation({
    method: 'PUT',
    path: '/things/:id',
    scope: 'mixed',
    permission: 'authenticated',
    summary: 'Change',
    params: z.object({ id: z.string() }),
    body: z.object({ Name: z.string().optional() }),
    handle: async ({ params, body, request }) => ({ Id: params.id, Name: body.Name ?? null, Method: request.method }),
  }),
  operation({
    method: 'DELETE',
    path: '/things/{id}',
    scope: 'mixed',
    permission: 'authenticated',
    summary: 'Delete',
    params: z.object({ id: z.string() }),
    handle: async () => ({}),
  }),
  operation({
    method: 'POST',
    path: '/things/{id}/poke',
    scope: 'mixed',
    permission: 'authenticated',
    summary: 'Nothing',
    handle: async () => undefined,
  }),
  operation({
    method: 'POST',
    path: '/things/{id}/refuse',
    scope: 'server',
    permission: 'authenticated',
    summary: 'Refuses',
    body: z.object({ Code: z.enum(['BadRequest', 'NotFound', 'Conflict', 'Unavailable', 'TooManyRequests']) }),
    handle: async ({ body }) => {
      throw new Refusal(body.Code, 'Because.')
    },
  }),
  operation({
    method: 'GET',
    path: '/broken',
    scope: 'server',
    permission: 'anonymous',
    summary: 'A fault of ours',
    handle: async () => {
      throw new TypeError('secret inner words')
    },
  }),
  operation({
    method: 'GET',
    path: '/trigger',
    scope: 'server',
    permission: 'authenticated',
    summary: 'A GET that changes something',
    changes: true,
    handle: async () => {
      triggered += 1
      return 'done'
    },
  }),
  operation({
    method: 'GET',
    path: '/small',
    scope: 'server',
    permission: 'anonymous',
    summary: 'Anonymous',
    handle: async () => ({ Ok: true }),
  }),
]

let database: TestDatabase
let api: TestApi
let key: string
const logged: { level: number; msg: string }[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  const { pino } = await import('pino')
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(JSON.parse(line)) })
  api = await startTestApi(database, { operations: things, log })
  key = (await createTestUser(database, 'administrator')).key
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

async function call(
  method: string,
  path: string,
  options: { body?: string | undefined; headers?: Record<string, string> } = {},
) {
  const response = await fetch(api.url + path, {
    method,
    headers: { 'x-octopus-apikey': key, ...options.headers },
    ...(options.body === undefined ? {} : { body: options.body }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) }
}

/** The bytes of an answer to these very bytes. */
async function raw(text: string): Promise<string> {
  const socket = connect((api.app.server.address() as AddressInfo).port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk
  })
  socket.write(text)
  await once(socket, 'close')
  return answer
}

test.each([
  ['/api/things', null],
  ['/api/Spaces-1/things', 'Spaces-1'],
  ['/api/spaces-1/THINGS', 'Spaces-1'],
  ['/api/spaces/Spaces-1/things', 'Spaces-1'],
  ['/api/spaces/default/things', 'Spaces-1'],
  ['/API/Things', null],
  ['//api/things', null],
  ['/api//things', null],
  ['/api/things/', null],
])('%s is the list of things, in the space %s', async (path, space) => {
  const answer = await call('GET', path)
  expect(answer.status).toBe(200)
  expect(answer.json().Space).toBe(space)
})

test('an operation of a space without a space in its path means the default space', async () => {
  expect((await call('POST', '/api/things', { body: '{"Name":"a"}' })).json().Space).toBe('Spaces-1')
})

test.each(['/api/Spaces-2/things', '/api/spaces/Spaces-2/things', '/api/spaces/nowhere/things'])(
  '%s: there is no such space',
  async (path) => {
    const answer = await call('GET', path)
    expect(answer.status).toBe(404)
    expect(answer.json()).not.toHaveProperty('Errors')
  },
)

test('an operation of the server has no prefix', async () => {
  expect((await call('GET', '/api/Spaces-1/small')).status).toBe(404)
})

test('a segment of the path arrives decoded, and static words win over ids', async () => {
  expect((await call('GET', '/api/things/Fire%20Project')).json().Id).toBe('Fire Project')
  expect((await call('GET', '/api/things/refs%2Fheads%2Fmain')).json().Id).toBe('refs/heads/main')
  expect((await call('GET', '/api/things/ALL')).json()).toEqual([])
})

test.each(['PUT', 'DELETE', 'put'])('POST with X-HTTP-Method-Override: %s is routed as that', async (method) => {
  const answer = await call('POST', '/api/things/7', { body: '{}', headers: { 'x-http-method-override': method } })
  expect(answer.status).toBe(200)
  expect(answer.json()).toEqual(method === 'DELETE' ? {} : { Id: '7', Name: null, Method: 'PUT' })
})

test('an override that asks for something else is refused, not done as a POST', async () => {
  const answer = await call('POST', '/api/things', {
    body: '{"Name":"a"}',
    headers: { 'x-http-method-override': 'FROB' },
  })
  expect(answer.status).toBe(405)
})

test('a GET does not become anything else', async () => {
  expect(
    (await call('GET', '/api/things/7', { headers: { 'x-http-method-override': 'DELETE' } })).json(),
  ).toMatchObject({ Id: '7' })
})

test('names of properties are read in any case, also within lists', async () => {
  const body = {
    NAME: 'a',
    port: '22',
    ison: 'true',
    PARTS: [{ partname: 'p', SIZE: '1.5' }],
    arguments: { ScriptBody: 1 },
    syntax: 'bash',
  }
  expect((await call('POST', '/api/things', { body: JSON.stringify(body) })).json()).toMatchObject({
    Name: 'a',
    Port: 22,
    IsOn: true,
    Parts: [{ PartName: 'p', Size: 1.5 }],
    Arguments: { ScriptBody: 1 },
    Syntax: 'Bash',
  })
})

test('unknown properties are ignored, and of two spellings the declared one counts', async () => {
  const answer = await call('POST', '/api/things', {
    body: '{"name":"b","Name":"a","Links":{"Self":"x"},"LastModifiedOn":1,"__proto__":{"x":1}}',
  })
  expect(answer.status).toBe(201)
  expect(answer.json()).toEqual({ Name: 'a', Space: 'Spaces-1' })
})

test('null stands for absent, except where a field knows null', async () => {
  const answer = await call('POST', '/api/things', { body: '{"Name":"a","Port":null,"RunAt":null,"Parts":null}' })
  expect(answer.json()).toEqual({ Name: 'a', RunAt: null, Space: 'Spaces-1' })
})

test.each([
  ['2024-08-21T16:17:46.750+00:00', '2024-08-21T16:17:46.750Z'],
  ['2024-08-21T16:17:46Z', '2024-08-21T16:17:46.000Z'],
  ['2024-08-21T18:17:46.1234567+02:00', '2024-08-21T16:17:46.123Z'],
  ['2024-08-21', '2024-08-21T00:00:00.000Z'],
  ['2024-02-29T10:00', '2024-02-29T10:00:00.000Z'],
])('the date %s', async (text, expected) => {
  expect((await call('POST', '/api/things', { body: JSON.stringify({ Name: 'a', RunAt: text }) })).json().RunAt).toBe(
    expected,
  )
})

test.each([
  ['00:05:00', 300_000],
  ['1.00:00:00', 86_400_000],
  ['01.00:00:00', 86_400_000],
  ['90s', 90_000],
  ['1m30s', 90_000],
  [90, 90_000],
  ['90', 90_000],
])('the duration %s', async (value, expected) => {
  expect((await call('POST', '/api/things', { body: JSON.stringify({ Name: 'a', Limit: value }) })).json().Limit).toBe(
    expected,
  )
})

test.each([
  [{ Name: 5 }, 'Name'],
  [{ Name: {} }, 'Name'],
  [{}, 'Name'],
  [[], 'The body'],
  [7, 'The body'],
  [{ Name: 'a', Port: 'many' }, 'Port'],
  [{ Name: 'a', Port: 1.5 }, 'Port'],
  [{ Name: 'a', Port: 0 }, 'Port'],
  [{ Name: 'a', Port: 1e9 }, 'Port'],
  [{ Name: 'a', Port: true }, 'Port'],
  [{ Name: 'a', IsOn: 'yes' }, 'IsOn'],
  [{ Name: 'a', IsOn: 1 }, 'IsOn'],
  [{ Name: 'a', RunAt: 'tomorrow' }, 'RunAt'],
  [{ Name: 'a', RunAt: '2023-02-29' }, 'RunAt'],
  [{ Name: 'a', RunAt: '1999-12-31T23:59:59Z' }, 'RunAt'],
  [{ Name: 'a', RunAt: '2201-01-01T00:00:00Z' }, 'RunAt'],
  [{ Name: 'a', RunAt: '2024-01-01T25:00:00Z' }, 'RunAt'],
  [{ Name: 'a', RunAt: '' }, 'RunAt'],
  [{ Name: 'a', RunAt: 1724257066 }, 'RunAt'],
  [{ Name: 'a', Limit: 'soon' }, 'Limit'],
  [{ Name: 'a', Limit: -1 }, 'Limit'],
  [{ Name: 'a', Limit: '25:00:00' }, 'Limit'],
  [{ Name: 'a', Until: 'never' }, 'Until'],
  [{ Name: 'a', Syntax: 'Cobol' }, 'Syntax'],
  [{ Name: 'a', Parts: 'p' }, 'Parts'],
  [{ Name: 'a', Parts: [{ PartName: 'p' }, { Size: 1 }] }, 'Parts[1].PartName'],
  [{ Name: 'a', Arguments: [] }, 'Arguments'],
])('%j is refused and names %s', async (body, field) => {
  const answer = await call('POST', '/api/things', { body: JSON.stringify(body) })
  expect(answer.status).toBe(400)
  const { ErrorMessage, Errors } = answer.json()
  expect(ErrorMessage).toContain(field)
  expect(Errors).toEqual([ErrorMessage])
})

test('each fault has its sentence', async () => {
  const { ErrorMessage, Errors } = (await call('POST', '/api/things', { body: '{"Port":"x","IsOn":"maybe"}' })).json()
  expect(ErrorMessage).toBe('The body has 3 faults.')
  expect(Errors).toEqual([
    'Name is missing: a text is expected.',
    'Port must be a whole number from 1 to 65535, not the text "x".',
    'IsOn must be true or false, not the text "maybe".',
  ])
})

test.each(['application/x-www-form-urlencoded', 'text/plain', 'application/json; charset=utf-8', 'nonsense', ''])(
  'a body with the content type «%s» is read as JSON',
  async (type) => {
    const body = '{"Name":"a"}'
    const head = `POST /api/things HTTP/1.1\r\nHost: x\r\nX-Octopus-ApiKey: ${key}\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`
    expect(await raw(head + body)).toMatch(/^HTTP\/1\.1 201 /)
  },
)

test('a body without any content type is read as JSON', async () => {
  const head = `POST /api/things HTTP/1.1\r\nHost: x\r\nX-Octopus-ApiKey: ${key}\r\nConnection: close\r\nContent-Length: 12\r\n\r\n{"Name":"a"}`
  expect(await raw(head)).toMatch(/^HTTP\/1\.1 201 /)
})

test.each([undefined, '', 'null', '{}', ' \r\n', '\uFEFF{}'])('a POST that needs no body takes %j', async (body) => {
  const answer = await call('POST', '/api/things/1/poke', { body })
  expect(answer.status).toBe(200)
  expect(answer.text).toBe('')
  expect(answer.headers.get('content-length')).toBe('0')
})

test.each(['{', '{"Name":"a"', 'Name=a', '[1,', 'undefined', "{'Name':'a'}", `${'['.repeat(5000)}${']'.repeat(5000)}`])(
  'broken body %# is refused',
  async (body) => {
    const answer = await call('POST', '/api/things', { body })
    expect(answer.status).toBe(400)
    expect(answer.json().Errors).toHaveLength(1)
  },
)

test('multipart is refused in JSON', async () => {
  const form = new FormData()
  form.set('file', new Blob(['x']), 'x.txt')
  const response = await fetch(`${api.url}/api/things`, {
    method: 'POST',
    headers: { 'x-octopus-apikey': key },
    body: form,
  })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ ErrorMessage: expect.stringContaining('JSON') })
})

test.each(['with its length said', 'in chunks'])('a body over 8 MiB, %s, gets 413 in JSON', async (how) => {
  const text = JSON.stringify({ Name: 'x'.repeat(9 * 1024 * 1024) })
  const body = how === 'in chunks' ? new Blob([text]).stream() : text
  const init: RequestInit = { method: 'POST', headers: { 'x-octopus-apikey': key }, body, duplex: 'half' }
  const response = await fetch(`${api.url}/api/things`, init)
  expect(response.status).toBe(413)
  expect(await response.json()).toEqual({ ErrorMessage: 'The body is larger than this operation reads.' })
})

test('an upload that is cancelled is no error of ours', async () => {
  const before = logged.length
  const socket = connect((api.app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(
    `POST /api/things HTTP/1.1\r\nHost: x\r\nX-Octopus-ApiKey: ${key}\r\nContent-Length: 1000\r\n\r\n{"Name":`,
  )
  await once(socket, 'connect')
  // The next request on another connection is answered after the first bytes have been read.
  await call('GET', '/api/things')
  socket.destroy()
  await call('GET', '/api/things')
  expect(logged.slice(before).filter((line) => line.level >= 40)).toEqual([])
})

test.each([
  ['?ids=A,B', { ids: ['A', 'B'] }],
  ['?ids=A%2CB', { ids: ['A', 'B'] }],
  ['?ids=A&ids=B', { ids: ['A', 'B'] }],
  ['?ids=A&IDS=B,C', { ids: ['A', 'B', 'C'] }],
  ['?ids=', {}],
  ['?', {}],
  ['?PARTIALNAME=x&Running=TRUE', { partialName: 'x', running: true }],
  ['?take=0', { take: 0 }],
  ['?take=2147483647', { take: 100_000 }],
  ['?skip=5&take=7&unknown=1&running=', { skip: 5, take: 7 }],
])('the query %s', async (query, expected) => {
  expect((await call('GET', `/api/things${query}`)).json().Query).toEqual({ skip: 0, take: 30, ...expected })
})

test('a number is refused with its bounds', async () => {
  expect((await call('GET', '/api/things?take=-1')).json().ErrorMessage).toBe(
    'take must be a whole number from 0 to 2147483647, not -1.',
  )
})

test.each(['take=-1', 'take=x', 'take=1.5', 'take=2147483648', 'skip=-1', 'skip=9999999999', 'running=maybe'])(
  'the query %s is refused',
  async (query) => {
    const answer = await call('GET', `/api/things?${query}`)
    expect(answer.status).toBe(400)
    expect(answer.json().ErrorMessage).toContain(query.split('=')[0])
  },
)

test('HEAD is answered where GET is', async () => {
  const answer = await call('HEAD', '/api/small')
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-length')).toBe('11')
  expect(answer.text).toBe('')
})

test('a GET that changes something does so neither for HEAD nor for a page of another site with a session', async () => {
  const [user] = await database.sql<{ id: number }[]>`select id from app_user`
  const session = await createSession(database.sql, {
    userId: must(user).id,
    isRemembered: false,
    address: undefined,
    userAgent: undefined,
  })
  const cookie = `OctopusIdentificationToken_${api.context.installationId}=${session.token}`
  expect((await call('HEAD', '/api/trigger')).status).toBe(405)
  expect((await api.call('GET', '/api/trigger', { headers: { cookie } })).status).toBe(403)
  expect(triggered).toBe(0)
  const headers = { cookie, 'x-octopus-csrf-token': session.csrfToken }
  expect((await api.call('GET', '/api/trigger', { headers })).text).toBe('done')
  expect((await call('GET', '/api/trigger')).text).toBe('done')
  expect(triggered).toBe(2)
})

test('a method that a path does not know is 405 in JSON, with those it knows', async () => {
  const answer = await call('PATCH', '/api/Spaces-1/things/7')
  expect(answer.status).toBe(405)
  expect(answer.headers.get('allow')).toBe('DELETE, GET, HEAD, PUT')
  expect(answer.json().ErrorMessage).toContain('PATCH')
})

test.each(['/api/nothing', '/nothing', '/', '/api/Spaces-1/nothing'])(
  '%s is 404 in JSON without Errors',
  async (path) => {
    const answer = await call('POST', path, { body: '{"broken' })
    expect(answer.status).toBe(404)
    expect(Object.keys(answer.json())).toEqual(['ErrorMessage'])
  },
)

test.each([
  ['BadRequest', 400, true],
  ['NotFound', 404, false],
  ['Conflict', 409, true],
  ['TooManyRequests', 429, false],
  ['Unavailable', 503, false],
])('the refusal %s is %d', async (code, status, hasErrors) => {
  const answer = await call('POST', '/api/things/1/refuse', { body: JSON.stringify({ Code: code }) })
  expect(answer.status).toBe(status)
  expect(answer.json()).toMatchObject({ ErrorMessage: 'Because.', ...(hasErrors ? { Errors: ['Because.'] } : {}) })
  expect(answer.headers.has('retry-after')).toBe(status === 429 || status === 503)
})

test('a fault of ours is 500 with a reference to the log and none of its words', async () => {
  const answer = await call('GET', '/api/broken')
  expect(answer.status).toBe(500)
  expect(answer.text).not.toContain('secret inner words')
  const { reference } = JSON.parse(JSON.stringify(logged.at(-1)))
  expect(answer.json().Details).toEqual({ Reference: reference })
})

test.each(['/api/things/%zz', '/api/%', `/api/things/${'x'.repeat(2000)}`])(
  'damaged path %# is a 4xx in JSON',
  async (path) => {
    const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-Octopus-ApiKey: ${key}\r\nConnection: close\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toHaveProperty('ErrorMessage')
  },
)

test.each([
  ['not HTTP at all', 'HELLO\r\n\r\n', 400],
  ['headers without end', `GET /api/small HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(100_000)}\r\n\r\n`, 431],
])('%s gets an answer in JSON', async (_what, bytes, status) => {
  const answer = await raw(bytes)
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toHaveProperty('ErrorMessage')
})

test.each([
  ['GET', '/api/small', 200],
  ['GET', '/api/broken', 500],
  ['POST', '/api/nothing', 404],
  ['PATCH', '/api/Spaces-1/things/7', 405],
  ['GET', '/api/things/%zz', 400],
  ['GET', '/api/openapi.json', 200],
])('%s %s names the node that answers', async (method, path, status) => {
  const answer = await call(method, path)
  expect(answer.status).toBe(status)
  expect(answer.headers.get('octopus-node')).toBe('node-a')
})

test('HTTP/1.0 without Host is answered', async () => {
  expect(await raw('GET /api/small HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK/)
})

test('a connection is kept for at least 75 s, and answers carry the headers of safety and nothing about the server', async () => {
  const { headers } = await call('GET', '/api/small')
  expect(Number(/timeout=(\d+)/.exec(headers.get('keep-alive') ?? '')?.[1])).toBeGreaterThanOrEqual(75)
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('x-frame-options')).toBe('DENY')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(headers.has('server')).toBe(false)
  expect(headers.has('x-powered-by')).toBe(false)
})
