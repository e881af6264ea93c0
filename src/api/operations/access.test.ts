import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestUser, startTestApi, type TestApi } from '../../../test/support/api-server.ts'
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { PERMISSIONS, ROLE_PERMISSIONS, type Role } from '../../identity/permissions.ts'
import { must } from '../../lib/must.ts'
import { allOperations } from '../all-operations.ts'
import { pathsOf } from '../register.ts'

const ROLES: readonly Role[] = ['administrator', 'operator', 'viewer']

let database: TestDatabase
let api: TestApi
const keys = new Map<Role, string>()

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { operations: allOperations })
  for (const role of ROLES) keys.set(role, (await createTestUser(database, role)).key)
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

const operations = allOperations.map((operation) => ({ ...operation, name: `${operation.method} ${operation.path}` }))

/** Every path of an operation with something in the place of its parameters. */
function filledPaths(path: (typeof operations)[number]): string[] {
  return pathsOf(path).map((url) => url.replaceAll(/:space(\([^)]*\))?/g, 'Spaces-1').replaceAll(/:\w+/g, 'x'))
}

test('exactly these need no login', () => {
  const anonymous = operations.filter((operation) => operation.permission === 'anonymous')
  expect(anonymous.map((operation) => operation.name).sort()).toEqual([
    'GET /',
    'GET /authentication',
    'POST /users/login',
  ])
})

test('each operation declares a permission that exists, a summary, and a path of its own', () => {
  const allowed = [...PERMISSIONS, 'authenticated', 'anonymous']
  for (const operation of operations) {
    expect(allowed).toContain(operation.permission)
    expect(operation.summary).not.toBe('')
  }
  expect(new Set(operations.map((operation) => operation.name.toLowerCase())).size).toBe(operations.length)
})

test('every operation that is written is registered', async () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  const written: unknown[] = []
  for (const file of files.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))) {
    const exported: unknown[] = Object.values(await import(join(import.meta.dirname, file)))
    written.push(...exported.filter(isOperation))
  }
  expect(written.length).toBeGreaterThan(50)
  expect(written.filter((one) => !(allOperations as readonly unknown[]).includes(one))).toEqual([])
})

function isOperation(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'run' in value && 'method' in value && 'path' in value
}

test('operations that share a path share its scope', () => {
  const scopes = new Map<string, string>()
  for (const operation of operations) {
    const shape = operation.path.replaceAll(/:\w+/g, ':x').toLowerCase()
    expect(scopes.get(shape) ?? operation.scope).toBe(operation.scope)
    scopes.set(shape, operation.scope)
  }
})

test.each(operations.filter((operation) => operation.permission !== 'anonymous'))(
  '$name refuses who is not known, below every prefix',
  async (operation) => {
    for (const path of filledPaths(operation)) {
      const answer = await api.call(operation.method, path, { headers: { 'x-octopus-apikey': '' } })
      expect([path, answer.status]).toEqual([path, 401])
      expect(answer.body.ErrorMessage).toEqual(expect.any(String))
    }
  },
)

test.each(operations.filter((operation) => (PERMISSIONS as readonly string[]).includes(operation.permission)))(
  '$name is refused to the roles without $permission, which the answer names',
  async (operation) => {
    for (const role of ROLES) {
      const holds = (ROLE_PERMISSIONS[role] as readonly string[]).includes(operation.permission)
      if (holds) continue
      for (const path of filledPaths(operation)) {
        const answer = await api.call(operation.method, path, {
          key: must(keys.get(role)),
          body: operation.method === 'GET' ? undefined : {},
        })
        expect([role, path, answer.status, answer.body.Details]).toEqual([
          role,
          path,
          403,
          { MissingPermission: operation.permission },
        ])
      }
    }
  },
)
