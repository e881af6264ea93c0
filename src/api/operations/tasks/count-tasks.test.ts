import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { countByState, type TaskFilter } from '../../../tasks/queries.ts'
import { countTasks } from './count-tasks.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
  await database.sql`
    insert into task (kind, space, state, has_warnings, completed_at, expiry_ms, expires_at, when_lost, task_lease_ms, incarnation)
    select 'AdHocScript', case when i % 5 = 0 then null else 'Spaces-1' end, state::task_state, i % 3 = 0,
      case when state in ('Queued', 'Executing', 'Cancelling') then null else clock_timestamp() end, 1000, clock_timestamp(), 'fail', 300000, gen_random_uuid()
    from generate_series(1, 20000) i,
      lateral (select (array['Queued', 'Executing', 'Cancelling', 'Success', 'Failed', 'Canceled', 'TimedOut', 'Success'])[1 + i % 8] as state) s`
})

afterAll(() => database.drop())

test.each<[string, TaskFilter]>([
  ['everything', {}],
  ['everything, said', { includeSystem: true }],
  ['what is in a space', { includeSystem: false }],
  ['one space', { spaces: ['Spaces-1'] }],
  ['one space and the system', { spaces: ['Spaces-1'], includeSystem: true }],
  ['one kind', { kinds: ['adhocscript'], includeSystem: false }],
])('%s is counted as the table has it', async (_, filter) => {
  const { sql } = database
  const counted = await countTasks(sql, filter)
  expect(counted).toEqual(await countByState(sql, filter))
  const total = Object.values(counted).reduce((sum, count) => sum + count, 0)
  expect(total).toBe(filter.includeSystem === false || (filter.spaces && !filter.includeSystem) ? 16_000 : 20_000)
})
