import { expect, test } from 'vitest'
import { isLost, lookOfTask, toneOfTask } from './task-look.ts'

const TASK = {
  State: 'Failed' as const,
  IsLost: false,
  StartTime: '2026-01-01T00:00:00.000+00:00',
  QueueTime: '2026-01-01T00:00:00.000+00:00',
  NodeSilent: null,
}
const LOST = { ...TASK, IsLost: true }

test('a failure because of the node is lost, and stands out', () => {
  expect(lookOfTask(LOST)).toEqual({ state: 'Lost', word: 'Lost' })
  expect(toneOfTask(LOST)).toBe('red')
})

test('a failure of its own is a failure, and what somebody has set to success is not lost', () => {
  expect(lookOfTask(TASK)).toEqual({ state: 'Failed', word: 'Failed' })
  expect(toneOfTask(TASK)).toBeUndefined()
  expect(isLost({ ...LOST, State: 'Success' })).toBe(false)
})

test('expired in the queue and stopped by its time limit are told apart', () => {
  expect(lookOfTask({ ...TASK, State: 'TimedOut', StartTime: null }).word).toBe('Expired')
  expect(lookOfTask({ ...TASK, State: 'TimedOut' }).word).toBe('Timed out')
  expect(toneOfTask({ ...TASK, State: 'TimedOut' })).toBe('red')
})

test('a task on a silent node is in doubt', () => {
  const silent = { Since: TASK.StartTime, SettledAt: TASK.StartTime }
  expect(toneOfTask({ ...TASK, State: 'Executing', NodeSilent: silent })).toBe('amber')
})
