import { expect, test } from 'vitest'
import {
  chooseNode,
  chooseNodeForConsole,
  explainNoNode,
  isConsolePath,
  type NodeHealth,
  readPing,
} from './node-health.ts'

const node = (name: string, health: NodeHealth) => ({ name, health })

test.each([
  [200, '{"Status":"Online"}', 'ready'],
  [200, '', 'ready'],
  [418, '{"Status":"Drained"}', 'drained'],
  [418, "I'm a teapot", 'drained'],
  [503, '{"Status":"Draining"}', 'drained'],
  [404, '{"Status":"Drained"}', 'drained'],
  [404, 'not found', 'unready'],
  [503, '{"Status":"Starting"}', 'unready'],
  [503, '{"Status":"Offline"}', 'unready'],
  [503, '{"Status":"Stopping"}', 'unready'],
  [503, '<html>', 'unready'],
  [500, '{"Status":7}', 'unready'],
] as const)('a ping of %i with %j is %s', (status, body, health) => {
  expect(readPing(status, body)).toBe(health)
})

test('ready nodes take requests in turn, and nobody else', () => {
  const nodes = [
    node('a', 'ready'),
    node('b', 'drained'),
    node('c', 'ready'),
    node('d', 'unready'),
    node('e', 'silent'),
  ]
  expect([0, 1, 2, 3].map((turn) => chooseNode(nodes, turn)?.name)).toEqual(['a', 'c', 'a', 'c'])
})

test('without a ready node a drained one is asked, never one that starts or is cut off', () => {
  const nodes = [node('a', 'unready'), node('b', 'drained'), node('c', 'silent')]
  expect([0, 1, 2].map((turn) => chooseNode(nodes, turn)?.name)).toEqual(['b', 'b', 'b'])
  expect(chooseNode([node('a', 'unready'), node('c', 'silent')], 0)).toBeUndefined()
  expect(chooseNode([], 0)).toBeUndefined()
})

test('a node that has refused a request is not asked again for it', () => {
  const [a, b] = [node('a', 'ready'), node('b', 'drained')]
  expect(chooseNode([a, b], 0, new Set([a]))).toBe(b)
  expect(chooseNode([a, b], 0, new Set([a, b]))).toBeUndefined()
})

test('the refusal names the nodes and what is the matter with each', () => {
  expect(explainNoNode([node('node-a', 'unready'), node('node-b', 'silent'), node('node-c', 'silent')])).toBe(
    'No node can take this request: node-a not ready (starting, stopping, or without the database); node-b, node-c not answering. Try again in a moment.',
  )
})

test('the console comes from a node that is not ready when no other answers', () => {
  const [a, b, c] = [node('a', 'unready'), node('b', 'silent'), node('c', 'unready')]
  expect([0, 1, 2].map((turn) => chooseNodeForConsole([a, b, c], turn)?.name)).toEqual(['a', 'c', 'a'])
  expect(chooseNodeForConsole([a, b, c], 0, new Set([a, c]))).toBeUndefined()
  expect(chooseNodeForConsole([a, node('d', 'drained')], 0)?.name).toBe('d')
  expect(chooseNodeForConsole([a, node('d', 'drained'), node('e', 'ready')], 0)?.name).toBe('e')
})

test.each([
  ['/app', true],
  ['/app/assets/x.js', true],
  ['/APP?x', true],
  ['/', false],
  ['/application', false],
  ['/api/app', false],
])('%s belongs to the console: %j', (url, expected) => {
  expect(isConsolePath(url)).toBe(expected)
})
