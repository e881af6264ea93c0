import { expect, test } from 'vitest'
import { leaseLine, trustDurationMs } from './lease.ts'
import { checkTimings, defaultTimings } from './timings.ts'

test('the defaults are safe', () => {
  expect(() => checkTimings(defaultTimings)).not.toThrow()
})

test('a heartbeat of more than a third of the lease is refused, naming both settings', () => {
  const third = { ...defaultTimings, heartbeatIntervalMs: 1000, leaseDurationMs: 3000 }
  expect(() => checkTimings(third)).not.toThrow()
  expect(() => checkTimings({ ...third, heartbeatIntervalMs: 1001 })).toThrow(
    /TAKO_HEARTBEAT_INTERVAL.*TAKO_LEASE_DURATION/,
  )
})

test('a task lease without room to stop an attempt is refused for each way of settling', () => {
  for (const whenLost of ['fail', 'rerun', 'resume'] as const) {
    const taskLeaseMs = { ...defaultTimings.taskLeaseMs, [whenLost]: 12_000 }
    expect(() => checkTimings({ ...defaultTimings, taskLeaseMs })).not.toThrow()
    taskLeaseMs[whenLost] = 11_999
    expect(() => checkTimings({ ...defaultTimings, taskLeaseMs })).toThrow(
      new RegExp(`TAKO_TASK_LEASE for ${whenLost}`),
    )
  }
})

test('a node trusts its lease for less time than the database granted', () => {
  expect(trustDurationMs(defaultTimings)).toBe(4000)
  expect(trustDurationMs({ heartbeatIntervalMs: 1000, leaseDurationMs: 3000 })).toBe(2000)
  expect(trustDurationMs({ heartbeatIntervalMs: 1000, leaseDurationMs: 60_000 })).toBe(48_000)
})

test('every line of a lease file is as long as every other', () => {
  const incarnation = '6f2d1c9e-0000-4000-8000-000000000000'
  const lines = [0, 1.5, 99_999.994, 123_456_789.12].map((seconds) => leaseLine(seconds, incarnation))
  expect(new Set(lines.map((line) => line.length)).size).toBe(1)
  expect(lines[2]).toBe(`000000099999.99 ${incarnation}\n`)
})
