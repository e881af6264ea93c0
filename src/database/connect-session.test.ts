import { Socket } from 'node:net'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { connect } from './connect.ts'

let database: TestDatabase

beforeEach(async () => {
  database = await createTestDatabase()
})

afterEach(async () => {
  vi.restoreAllMocks()
  await database?.drop()
})

test('a session that is cut between a statement and its sending is replaced at once', async () => {
  const sockets: Socket[] = []
  const open = Socket.prototype.connect
  vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket, ...to: unknown[]) {
    sockets.push(this)
    return Reflect.apply(open, this, to)
  })
  const sql = connect(database.url, { purpose: 'test', owner: 'node-a', max: 1 })
  try {
    for (let round = 0; round < 3; round += 1) {
      await sql`select ${round}::int`
      sockets.at(-1)?.destroy()
      await endOfTurn()
      await expect(sql`select ${round}::int`).rejects.toThrow('CONNECTION_CLOSED')
      const begin = performance.now()
      while (
        !(await sql`select 1`.then(
          () => true,
          () => false,
        ))
      )
        expect(performance.now() - begin).toBeLessThan(2000)
      expect(performance.now() - begin).toBeLessThan(2000)
    }
  } finally {
    await sql.end({ timeout: 1 })
  }
})
