import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, startTestApi, type TestApi } from '../../test/support/api-server.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { allOperations } from './all-operations.ts'

let database: TestDatabase
let api: TestApi
let document: Json

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { operations: allOperations })
  document = (await api.call('GET', '/api/openapi.json')).body
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

test('every operation is described, with its parameters and its permission', () => {
  expect(document.openapi).toBe('3.1.0')
  for (const operation of allOperations) {
    const path = `/api${operation.path.replaceAll(/:(\w+)(?:\([^)]*\))?/g, '{$1}')}`
    const described = document.paths[path]?.[operation.method.toLowerCase()]
    expect(described, `${operation.method} ${path}`).toMatchObject({ summary: operation.summary })
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const declared = described.parameters.filter((one: Json) => one.in === 'path').map((one: Json) => one.name)
    expect([path, declared]).toEqual([path, inPath])
  }
})

test('operation ids are unique, as generators of clients demand', () => {
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path as Json).map((operation) => (operation as Json).operationId),
  )
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toHaveLength(allOperations.length)
})

test('a body is described as it is read', () => {
  const { schema } = document.paths['/api/users'].post.requestBody.content['application/json']
  expect(schema.required).toEqual(['Username'])
  expect(schema.properties.Role.enum).toEqual(['administrator', 'operator', 'viewer'])
  expect(document.paths['/api/users'].get.parameters.map((one: Json) => one.name)).toEqual([
    'skip',
    'take',
    'ids',
    'filter',
  ])
})

test('it names no version of the product', () => {
  expect(JSON.stringify(document)).not.toContain('0.1.0')
})

test.each(['/api/docs', '/api/docs/'])(
  'the page %s loads everything from this node, under a policy that lets it',
  async (path) => {
    const page = await api.call('GET', path)
    expect(page.status).toBe(200)
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => String(source))
    expect(sources.length).toBeGreaterThan(3)
    for (const source of sources) {
      const url = new URL(source, `${api.url}/api/docs/`)
      expect(url.origin).toBe(api.url)
      const answer = await api.call('GET', url.pathname)
      expect([source, answer.status]).toEqual([source, 200])
    }
    expect(page.text).not.toMatch(/<script>[^<]/)
    const described = await api.call('GET', '/api/docs/json')
    expect(described.body.paths).toEqual(document.paths)
  },
)
