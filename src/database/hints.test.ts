import { afterEach, expect, test, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { connect } from './connect.ts'
import { HINT_CHANNEL, type Hint, hintText, parseHint, startHints } from './hints.ts'

let database: TestDatabase | undefined
afterEach(async () => {
  await database?.drop()
  database = undefined
})

test('a hint is read as it was written, and a long detail is left out', () => {
  expect(parseHint(hintText('queue'))).toEqual({ topic: 'queue', detail: '' })
  expect(parseHint(hintText('task', '7,8'))).toEqual({ topic: 'task', detail: '7,8' })
  expect(parseHint(hintText('task', '1,'.repeat(2000)))).toEqual({ topic: 'task', detail: '' })
})

test('hints arrive, and after the session was lost listening goes on and everybody is told to look', async () => {
  database = await createTestDatabase()
  const listener = connect(database.url, { purpose: 'hints', owner: 'test', max: 1 })
  const hints = await startHints(listener)
  const heard: Hint[] = []
  hints.on((hint) => heard.push(hint))
  await database.sql`select pg_notify(${HINT_CHANNEL}, ${hintText('task', '7')})`
  await vi.waitFor(() => expect(heard).toContainEqual({ topic: 'task', detail: '7' }))

  heard.length = 0
  await database.sql`
    select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%' and datname = current_database()`
  await vi.waitFor(() => expect(heard).toContainEqual({ topic: 'queue', detail: '' }), 10_000)
  await database.sql`select pg_notify(${HINT_CHANNEL}, ${hintText('task', '8')})`
  await vi.waitFor(() => expect(heard).toContainEqual({ topic: 'task', detail: '8' }))
  await hints.stop()
  await listener.end({ timeout: 1 })
})
