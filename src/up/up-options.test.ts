import { expect, test } from 'vitest'
import { checkUpOptions } from './up-options.ts'

test('what makes sense is taken', () => {
  for (const [nodes, port] of [
    [1, 1],
    [3, 8080],
    [26, 65_509],
  ] as const) {
    checkUpOptions({ nodes, port, dataDir: '.tako' })
  }
})

test.each([
  [{ nodes: 0 }, '--nodes'],
  [{ nodes: 27 }, '--nodes'],
  [{ nodes: 1.5 }, '--nodes'],
  [{ nodes: Number.NaN }, '--nodes'],
  [{ port: 0 }, '--port'],
  [{ port: 65_533 }, '--port'],
  [{ port: 80.5 }, '--port'],
  [{ dataDir: '' }, '--data-dir'],
])('%j is refused by the name of the option', (fault, option) => {
  expect(() => checkUpOptions({ nodes: 3, port: 8080, dataDir: '.tako', ...fault })).toThrow(option)
})
