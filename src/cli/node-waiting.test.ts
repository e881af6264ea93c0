import { expect, test } from 'vitest'
import { progressLine } from './node-waiting.ts'
import type { NodeResource, TaskResource } from './wire.ts'

const now = Date.parse('2026-03-01T12:00:00.000Z')

test('progress names the node, what it does, how many tasks run and the oldest of them', () => {
  const node = { Name: 'node-b', Status: 'Draining', IsOffline: false, RunningTaskCount: 3 } as NodeResource
  const running = [{ StartTime: '2026-03-01T11:57:50.000Z' } as TaskResource]
  expect(progressLine({ node, running }, now)).toBe('node-b: draining, 3 tasks running (longest 2m 10s)')
  expect(progressLine({ node: { ...node, RunningTaskCount: 1 }, running: [] }, now)).toBe(
    'node-b: draining, 1 task running',
  )
})
