import { expect, test } from 'vitest'
import { isLost, lookOfTask, toneOfTask } from './task-look.ts'

const TASK = {
  State: 'Failed' as const,
  Attempt: 1,
  TimesLost: 0,
  ErrorMessage: 'The script ended with exit code 1.',
  StartTime: '2026-01-01T00:00:00.000+00:00',
  QueueTime: '2026-01-01T00:00:00.000+00:00',
  NodeSilent: null,
}
const LOST = {
  ...TASK,
  Attempt: 2,
  TimesLost: 1,
  ErrorMessage: 'node-b was lost (no heartbeat); attempt 2 was settled by node-a 20.0 s later.',
}

test('a failure because of the node is lost, and stands out', () => {
  expect(lookOfTask(LOST)).toEqual({ state: 'Lost', word: 'Lost' })
  expect(toneOfTask(LOST)).toBe('red')
})

test('a task that was lost once, ran again and failed by itself is a failure', () => {
  expect(isLost({ ...LOST, ErrorMessage: TASK.ErrorMessage })).toBe(false)
  expect(lookOfTask({ ...LOST, ErrorMessage: TASK.ErrorMessage })).toEqual({ state: 'Failed', word: 'Failed' })
  expect(toneOfTask(TASK)).toBeUndefined()
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
