import { isIPv6 } from 'node:net'
import type { Queryable } from '../database/connect.ts'
import { MINUTE } from '../lib/clock.ts'
import { formatDuration } from '../lib/duration.ts'
import { Refusal } from '../lib/errors.ts'

/** How many failures within the window are let through before everything is refused until its end. */
export interface ThrottleLimits {
  readonly windowMs: number
  readonly loginsOfAccount: number
  readonly loginsFromAddress: number
  readonly keysFromAddress: number
}

export const defaultThrottleLimits: ThrottleLimits = {
  windowMs: 5 * MINUTE,
  loginsOfAccount: 10,
  loginsFromAddress: 50,
  keysFromAddress: 50,
}

/** A count of failures that all nodes share. */
export interface Counter {
  readonly key: string
  readonly limit: number
  /** True when one success wipes out the failures before it; otherwise it only takes back itself. */
  readonly isWipedBySuccess: boolean
}

/** The counters of a login: of the account, whether it exists or not, and of the address. In the order in which their rows are locked. */
export function loginCounters(limits: ThrottleLimits, username: string, address: string): Counter[] {
  return [
    { key: `login from ${addressBlock(address)}`, limit: limits.loginsFromAddress, isWipedBySuccess: false },
    { key: `login of ${username.toLowerCase().slice(0, 200)}`, limit: limits.loginsOfAccount, isWipedBySuccess: true },
  ]
}

export function keyCounter(limits: ThrottleLimits, address: string): Counter {
  return { key: `key from ${addressBlock(address)}`, limit: limits.keysFromAddress, isWipedBySuccess: false }
}

/** An address of version 6 is counted by its /64, of which one household or host has all. */
export function addressBlock(address: string): string {
  if (!isIPv6(address) || address.toLowerCase().startsWith('::ffff:')) return address.replace(/^::ffff:/i, '')
  const [head = '', tail = ''] = address.toLowerCase().split('%')[0]?.split('::') ?? []
  const before = head === '' ? [] : head.split(':')
  const after = tail === '' ? [] : tail.split(':')
  const groups = address.includes('::')
    ? [...before, ...Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0'), ...after]
    : before
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}

/**
 * Refuses with TooManyRequests while one of the counters is at its limit. Asked right before an attempt is judged, so that
 * many attempts at once get hardly further than few.
 */
export async function checkThrottle(sql: Queryable, counters: readonly Counter[]): Promise<void> {
  const rows = await findCounts(
    sql,
    counters.map((counter) => counter.key),
  )
  for (const { key, limit } of counters) {
    const row = rows.find((one) => one.key === key)
    if (row && row.failures >= limit) throw tooMany(row.leftMs)
  }
}

/** Counts a failure on each of the counters. */
export async function countFailure(
  sql: Queryable,
  limits: ThrottleLimits,
  counters: readonly Counter[],
): Promise<void> {
  for (const { key } of counters) await incrementCount(sql, key, limits.windowMs)
}

/** Forgets the failures that a success makes good. */
export async function countSuccess(sql: Queryable, counters: readonly Counter[]): Promise<void> {
  const wiped = counters.filter((counter) => counter.isWipedBySuccess).map((counter) => counter.key)
  await sql`delete from throttle where key = any(${sql.array(wiped, TEXT_ARRAY)})`
}

function tooMany(leftMs: number): Refusal {
  const seconds = Math.max(1, Math.ceil(leftMs / 1000))
  return new Refusal(
    'TooManyRequests',
    `Too many attempts have failed. Try again in ${formatDuration(seconds * 1000)}.`,
    { details: { RetryAfterSeconds: seconds } },
  )
}

const TEXT_ARRAY = 1009

function findCounts(
  sql: Queryable,
  keys: readonly string[],
): Promise<{ key: string; failures: number; leftMs: number }[]> {
  return sql`
    select key, failures, (extract(epoch from window_end - clock_timestamp()) * 1000)::float8 as "leftMs"
    from throttle where key = any(${sql.array([...keys], TEXT_ARRAY)}) and window_end > clock_timestamp()`
}

async function incrementCount(sql: Queryable, key: string, windowMs: number): Promise<void> {
  await sql`
    insert into throttle (key, failures, window_end)
    values (${key}, 1, clock_timestamp() + make_interval(secs => ${windowMs / 1000}))
    on conflict (key) do update set
      failures = case when throttle.window_end <= clock_timestamp() then 1 else least(throttle.failures, 1000000) + 1 end,
      window_end = case when throttle.window_end <= clock_timestamp() then excluded.window_end else throttle.window_end end`
}
