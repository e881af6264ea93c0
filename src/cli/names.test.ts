import { expect, test } from 'vitest'
import { nodeName, nodePath, taskId } from './names.ts'

test('a node is named by its name or its id, in any case', () => {
  expect(nodePath('Node-A')).toBe('/api/octopusservernodes/OctopusServerNodes-node-a')
  expect(nodePath('octopusservernodes-node-a')).toBe('/api/octopusservernodes/OctopusServerNodes-node-a')
  expect(nodePath('a/../b')).toBe('/api/octopusservernodes/OctopusServerNodes-a%2F..%2Fb')
  expect(() => nodeName('  ')).toThrow(/missing/)
})

test('a task is named by its id or its number', () => {
  expect(taskId('12')).toBe('ServerTasks-12')
  expect(taskId('servertasks-12')).toBe('ServerTasks-12')
  for (const text of ['', '0', '-1', '1.5', 'Tasks-1', 'ServerTasks-', '../users']) {
    expect(() => taskId(text)).toThrow(/not the id of a task/)
  }
})
