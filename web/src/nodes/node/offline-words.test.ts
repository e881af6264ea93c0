import { expect, test } from 'vitest'
import { offlineAdvice, plainWarnings, wasStopped } from './offline-words.ts'

const STOPPED = 'It was stopped in order.'

test('a node that was stopped in order only wants to be started or deleted', () => {
  expect(offlineAdvice({ Name: 'node-b', OfflineCause: STOPPED, RunningTaskCount: 0 }, 0)).toEqual([
    'Start node-b to have it back.',
    'Delete it if it does not come back.',
  ])
  expect(wasStopped(STOPPED)).toBe(true)
  expect(wasStopped(null)).toBe(false)
})

test('of a lost one its machine is looked at first, and what it ran is settled and run again', () => {
  const advice = offlineAdvice({ Name: 'node-b', OfflineCause: 'Its process is gone.', RunningTaskCount: 2 }, 3)
  expect(advice[0]).toMatch(/Look at the machine of node-b/)
  expect(advice[1]).toMatch(/The 2 tasks it ran are not settled yet.*declare it dead/)
  expect(advice[2]).toMatch(/Run the 3 tasks that it lost again/)
  expect(advice).toHaveLength(4)
})

test('warnings are told once', () => {
  const fitness = {
    EventLoopLagMs: 2000,
    DatabaseRoundTripMs: 1,
    ClockDifferenceMs: 0,
    SharedFolderFreeBytes: 1,
    Warnings: ['This node is overloaded.'],
  }
  const drain = {
    Number: 1,
    Reason: '',
    By: null,
    Since: null,
    Deadline: null,
    CancelAtDeadline: false,
    UndrainAt: null,
    Retire: false,
  }
  const node = { Warnings: [] as string[], Fitness: fitness, OfflineCause: null, Drain: null, IsOffline: false }
  expect(plainWarnings({ ...node, Warnings: ['This node is overloaded.', 'It is starting.'] })).toEqual([
    'It is starting.',
  ])
  expect(plainWarnings({ ...node, Drain: drain, Warnings: ['It is in drain mode, set by ada.'] })).toEqual([])
  expect(plainWarnings({ ...node, OfflineCause: STOPPED, Warnings: [STOPPED] })).toEqual([])
})
