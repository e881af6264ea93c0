import { EventEmitter, once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { createOnce } from './idempotency.ts'

let database: TestDatabase
let made = 0

beforeAll(async () => {
  database = await createTestDatabase()
})

afterAll(() => database.drop())

/** Creates something whose id is a number of its own. */
async function create(): Promise<string> {
  made += 1
  return `Things-${made}`
}

function createWith(userId: number, key: string | undefined, operation = 'create thing') {
  return createOnce(database.sql, { userId, key, operation }, create)
}

test('the same key of the same user creates once', async () => {
  const first = await createWith(1, 'k')
  expect(first.isRepeat).toBe(false)
  expect(await createWith(1, 'k')).toEqual({ id: first.id, isRepeat: true })
})

test('another user’s same key, another key, and no key are something else', async () => {
  const ids = [
    await createWith(1, 'a'),
    await createWith(2, 'a'),
    await createWith(1, 'b'),
    await createWith(1, undefined),
    await createWith(1, undefined),
  ]
  expect(new Set(ids.map((one) => one.id)).size).toBe(5)
})

test('a key is forgotten after a day', async () => {
  const first = await createWith(1, 'old')
  await database.sql`update idempotency set created_at = created_at - interval '23 hours' where key = 'old'`
  expect((await createWith(1, 'old')).id).toBe(first.id)
  await database.sql`update idempotency set created_at = created_at - interval '2 hours' where key = 'old'`
  const second = await createWith(1, 'old')
  expect(second.isRepeat).toBe(false)
  expect((await createWith(1, 'old')).id).toBe(second.id)
})

test('a repetition waits for the first, and is the first when that one fails', async () => {
  const gate = new EventEmitter()
  const started = once(gate, 'started')
  const first = createOnce(database.sql, { userId: 1, key: 'slow', operation: 'create thing' }, async () => {
    const failed = once(gate, 'fail')
    gate.emit('started')
    await failed
    throw new Error('failed')
  })
  await started
  const repetition = createWith(1, 'slow')
  gate.emit('fail')
  await expect(first).rejects.toThrow('failed')
  expect((await repetition).isRepeat).toBe(false)
})

test('a key belongs to one operation', async () => {
  await createWith(1, 'mixed')
  await expect(createWith(1, 'mixed', 'create something else')).rejects.toMatchObject({ code: 'Conflict' })
})
