import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createTestUser, type Json, startTestApi, type TestApi } from '../../../test/support/api-server.ts'
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { allOperations } from '../all-operations.ts'
import type { Operation } from '../operation.ts'

let database: TestDatabase
let api: TestApi
let key: string
const logged: Json[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(JSON.parse(line)) })
  api = await startTestApi(database, { operations: allOperations, log })
  key = (await createTestUser(database, 'administrator')).key
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

const IDS = ['x', '%00', '%FF', 'ServerTasks-99999999999999999999', "'%20or%201=1", 'x'.repeat(300)]
const VALUES = [{}, [], [null], '', ' ', 'x\u0000y\ud800', 'x'.repeat(300), -1, 1.5, 1e9, 1e300, true, null]
const TEXTS = [
  '',
  'x',
  '%00',
  '%F0%9F%92%A9',
  '-1',
  '1.5',
  '99999999999999999999',
  'true',
  '2023-02-30',
  ',,,',
  "'",
  'x'.repeat(300),
]
const BODIES = ['{', '[]', '7', '"x"', 'null', '{}', '{"__proto__":{"x":1},"constructor":1}']

/** Which fields a schema declares. */
function fieldsOf(schema: z.ZodType | undefined): string[] {
  if (!schema) return []
  const { properties } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return Object.keys(properties ?? {})
}

/** Every nonsense this operation can be told, one at a time. */
function* nonsense(operation: Operation): Generator<{ path: string; body?: string }> {
  const fill = (id: string) =>
    `/api${operation.path.replaceAll(/:space\([^)]*\)/g, 'Spaces-1').replaceAll(/:\w+/g, id)}`
  for (const id of operation.path.includes(':') ? IDS : [])
    yield { path: fill(id), ...(operation.method === 'GET' ? {} : { body: '{}' }) }
  for (const name of fieldsOf(operation.query)) for (const text of TEXTS) yield { path: `${fill('x')}?${name}=${text}` }
  if (operation.method === 'GET') return
  for (const body of BODIES) yield { path: fill('x'), body }
  for (const name of fieldsOf(operation.body))
    for (const value of VALUES) yield { path: fill('x'), body: JSON.stringify({ [name]: value }) }
}

const operations = allOperations.filter((operation) => operation.timeoutMs !== 0)

test.each(operations.map((operation) => ({ operation, name: `${operation.method} ${operation.path}` })))(
  '$name answers nonsense in JSON, with a sentence where it refuses, and it is no error of ours',
  async ({ operation }) => {
    for (const { path, body } of nonsense(operation)) {
      const answer = await api.call(operation.method, path, { key, ...(body === undefined ? {} : { body }) })
      expect(answer.status, `${path} ${body}: ${answer.text}`).toBeLessThan(500)
      if (answer.status < 400) continue
      expect(answer.body, `${path} ${body}`).toMatchObject({ ErrorMessage: expect.stringMatching(/^\S.*[.!?]$/s) })
      expect(answer.status === 404 ? answer.body.Errors : undefined).toBeUndefined()
      if (answer.status === 400 || answer.status === 409) expect(answer.body.Errors.length).toBeGreaterThan(0)
    }
    expect(logged).toEqual([])
  },
)
