import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import {
  addressBlock,
  checkThrottle,
  countFailure,
  countSuccess,
  keyCounter,
  loginCounters,
  type ThrottleLimits,
} from './throttle.ts'

const limits: ThrottleLimits = { windowMs: 60_000, loginsOfAccount: 3, loginsFromAddress: 5, keysFromAddress: 2 }
let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
})

afterAll(() => database.drop())

test.each([
  ['10.0.0.7', '10.0.0.7'],
  ['::ffff:10.0.0.7', '10.0.0.7'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:0db8:0000:0001:aaaa:bbbb:cccc:dddd', '2001:db8:0:1::/64'],
  ['2001:DB8:0:1::9', '2001:db8:0:1::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', ''],
])('%s is counted as %s', (address, block) => expect(addressBlock(address)).toBe(block))

test('an account is refused after its failures, whatever the address and the letter case', async () => {
  for (const address of ['10.1.0.1', '10.1.0.2', '10.1.0.3']) {
    const counters = loginCounters(limits, 'Ann', address)
    await checkThrottle(database.sql, counters)
    await countFailure(database.sql, limits, counters)
  }
  const counters = loginCounters(limits, 'aNN', '10.1.0.4')
  await expect(checkThrottle(database.sql, counters)).rejects.toMatchObject({
    code: 'TooManyRequests',
    details: { RetryAfterSeconds: expect.any(Number) },
  })
  await checkThrottle(database.sql, loginCounters(limits, 'Ben', '10.1.0.4'))
})

test('an address is refused after its failures, whatever the account', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e'])
    await countFailure(database.sql, limits, loginCounters(limits, name, '10.2.0.1'))
  await expect(checkThrottle(database.sql, loginCounters(limits, 'f', '10.2.0.1'))).rejects.toMatchObject({
    code: 'TooManyRequests',
  })
  await checkThrottle(database.sql, [keyCounter(limits, '10.2.0.1')])
})

test('a success wipes out the failures of the account and not those of the address', async () => {
  const counters = loginCounters(limits, 'carl', '10.3.0.1')
  for (let i = 0; i < 2; i++) await countFailure(database.sql, limits, counters)
  await countSuccess(database.sql, counters)
  const rows =
    await database.sql`select key, failures from throttle where key in ${database.sql(counters.map((one) => one.key))}`
  expect(rows).toEqual([{ key: 'login from 10.3.0.1', failures: 2 }])
})

test('after the window everything starts again', async () => {
  const counters = [keyCounter(limits, '10.4.0.1')]
  for (let i = 0; i < 3; i++) await countFailure(database.sql, limits, counters)
  await expect(checkThrottle(database.sql, counters)).rejects.toMatchObject({ code: 'TooManyRequests' })
  await database.sql`update throttle set window_end = clock_timestamp() where key = 'key from 10.4.0.1'`
  await checkThrottle(database.sql, counters)
  await countFailure(database.sql, limits, counters)
  const [row] =
    await database.sql`select failures, window_end > clock_timestamp() + interval '50 seconds' as ahead from throttle where key = 'key from 10.4.0.1'`
  expect(row).toEqual({ failures: 1, ahead: true })
})

test('failures that come at once are all counted', async () => {
  const counters = [keyCounter(limits, '10.5.0.1')]
  await Promise.all(Array.from({ length: 20 }, () => countFailure(database.sql, limits, counters)))
  const [row] = await database.sql`select failures from throttle where key = 'key from 10.5.0.1'`
  expect(row).toEqual({ failures: 20 })
})
