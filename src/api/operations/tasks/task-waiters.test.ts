import { afterEach, expect, test } from 'vitest'
import { TaskWaiters } from './task-waiters.ts'

const never = () => new AbortController().signal
let opened: TaskWaiters | undefined

afterEach(() => opened?.close())

function makeWaiters(stamps = new Map<number, string>(), maxWaiters = 100) {
  let looks = 0
  const waiters = new TaskWaiters({
    maxWaiters,
    readStamps: async () => {
      looks += 1
      return stamps
    },
  })
  opened = waiters
  return { waiters, looks: () => looks }
}

test('a hint about the task ends the wait, one about another does not', async () => {
  const { waiters } = makeWaiters(new Map([[7, 'same']]))
  const waited = waiters.wait(7, 'same', waiters.now(), 20_000, never())
  waiters.hear({ topic: 'log', detail: '8' })
  waiters.hear({ topic: 'queue', detail: '7' })
  expect(
    await Promise.race([waited.then(() => 'woken'), new Promise((resolve) => setTimeout(resolve, 300, 'waiting'))]),
  ).toBe('waiting')
  waiters.hear({ topic: 'log', detail: '6,ServerTasks-7' })
  await waited
  expect(waiters.count).toBe(0)
})

test('a hint that came between the reading and the wait ends the wait', async () => {
  const { waiters } = makeWaiters(new Map([[7, 'same']]))
  const since = waiters.now()
  waiters.hear({ topic: 'task', detail: 'ServerTasks-7' })
  await waiters.wait(7, 'same', since, 20_000, never())
})

test('without hints one shared look finds what changed, for any number of waiters', async () => {
  const stamps = new Map([
    [7, 'old'],
    [8, 'old'],
  ])
  const { waiters, looks } = makeWaiters(stamps)
  const seven = Array.from({ length: 40 }, () => waiters.wait(7, 'old', waiters.now(), 20_000, never()))
  const eight = waiters.wait(8, 'old', waiters.now(), 20_000, never())
  stamps.set(7, 'new')
  await Promise.all(seven)
  expect(looks()).toBe(1)
  expect(waiters.count).toBe(1)
  waiters.close()
  await eight
})

test('nobody waits longer than asked, after the client has gone, beyond the bound, or on a stopping node', async () => {
  const { waiters } = makeWaiters(new Map(), 2)
  await waiters.wait(1, 'x', 0, 30, never())
  const gone = new AbortController()
  const first = waiters.wait(1, 'x', 0, 20_000, gone.signal)
  const second = waiters.wait(1, 'x', 0, 20_000, never())
  expect(await waiters.wait(1, 'x', 0, 20_000, never())).toBe(false)
  expect(waiters.count).toBe(2)
  gone.abort()
  await first
  waiters.close()
  await second
  await waiters.wait(1, 'x', 0, 20_000, never())
  expect(waiters.count).toBe(0)
})
