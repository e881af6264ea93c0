import { expect, test } from 'vitest'
import { idsOf, isConcerned, nodeOf } from './topics.ts'

test('a query is read again when its topic and one of its ids are told of, or many', () => {
  const concern = { topics: ['task'] as const, ids: ['ServerTasks-7'] }
  expect(isConcerned(concern, 'task', ['ServerTasks-7', 'ServerTasks-8'])).toBe(true)
  expect(isConcerned(concern, 'task', ['ServerTasks-8'])).toBe(false)
  expect(isConcerned(concern, 'task', [])).toBe(true)
  expect(isConcerned(concern, 'node', [])).toBe(false)
  expect(isConcerned({ topics: ['task'] }, 'task', ['ServerTasks-8'])).toBe(true)
  expect(isConcerned({}, 'task', [])).toBe(false)
})

test('data that cannot be read mean many', () => {
  expect(idsOf('{"Ids":["ServerTasks-7"]}')).toEqual(['ServerTasks-7'])
  for (const data of ['', '{', '7', '{"Ids":7}']) expect(idsOf(data)).toEqual([])
})

test('a hello names its node, or does not', () => {
  expect(nodeOf('{"Topics":[],"Node":"node-a"}')).toBe('node-a')
  for (const data of ['', '7', '{"Topics":[]}', '{"Node":7}']) expect(nodeOf(data)).toBeUndefined()
})
