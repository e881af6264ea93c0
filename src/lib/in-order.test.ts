import { expect, test } from 'vitest'
import { systemClock } from './clock.ts'
import { eachInOrder } from './in-order.ts'

test('results come in order, and never more than so many are under way', async () => {
  let underWay = 0
  let most = 0
  const results = await eachInOrder([5, 1, 3, 2, 4], 2, async (ms) => {
    underWay += 1
    most = Math.max(most, underWay)
    await systemClock.sleep(ms)
    underWay -= 1
    return ms * 10
  })
  expect(results).toEqual([50, 10, 30, 20, 40])
  expect(most).toBe(2)
  expect(await eachInOrder([], 2, async () => 1)).toEqual([])
})

test('after a failure nothing new is begun', async () => {
  const begun: number[] = []
  const all = eachInOrder([1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item)
    await systemClock.sleep(item)
    if (item === 1) throw new Error('one failed')
    return item
  })
  await expect(all).rejects.toThrow('one failed')
  expect(begun).toEqual([1, 2])
})
