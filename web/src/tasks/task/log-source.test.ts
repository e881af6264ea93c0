import { expect, test, vi } from 'vitest'
import { ApiError } from '../../api/api-error.ts'
import type { LogPage } from '../../api/wire.ts'
import { PAGE_LINES } from './log-lines.ts'
import { LogSource, type LogWish } from './log-source.ts'

/** A log that grows when the test says so, read as the server does. */
function createLog() {
  const log = { total: 0, isEnded: false, failures: 0, wishes: [] as LogWish[] }
  const answer = ({ from = 0, take = 1000, tail }: LogWish): LogPage => {
    const start = tail === undefined ? from : Math.max(0, log.total - tail)
    const count = Math.max(0, Math.min(log.total - start, tail ?? take))
    const Lines = Array.from({ length: count }, (_, place) => ({
      Number: start + place,
      Attempt: 1,
      At: '2026-01-01T00:00:00.000+00:00',
      Stream: 'output' as const,
      Text: `line ${start + place}`,
    }))
    const Next = start + count
    return {
      TaskId: 'ServerTasks-1',
      From: start,
      Next,
      TotalLines: log.total,
      IsCompleted: log.isEnded && Next >= log.total,
      State: log.isEnded ? 'Success' : 'Executing',
      Lines,
    }
  }
  const source = new LogSource(async (wish, signal) => {
    log.wishes.push(wish)
    if (log.failures > 0) {
      log.failures -= 1
      throw new ApiError(0, 'No node answers.')
    }
    const { total } = log
    if (wish.wait && wish.from === total && !log.isEnded) {
      await vi.waitUntil(() => log.total > total || log.isEnded || signal.aborted, { timeout: 5000, interval: 5 })
    }
    return answer(wish)
  })
  return { log, source }
}

const soon = { timeout: 5000, interval: 5 }

test('the last lines come first, then what is written, until the task has ended', async () => {
  const { log, source } = createLog()
  log.total = 1000
  const stop = source.start()
  await vi.waitFor(() => expect(source.state.get().total).toBe(1000), soon)
  expect(source.line(999)?.Text).toBe('line 999')
  expect(source.line(0)).toBeUndefined()
  log.total = 1010
  await vi.waitFor(() => expect(source.line(1009)?.Text).toBe('line 1009'), soon)
  log.isEnded = true
  await vi.waitFor(() => expect(source.state.get().isEnded).toBe(true), soon)
  stop()
})

test('the shown lines are read, and only a few pages are kept', async () => {
  const { log, source } = createLog()
  log.total = 1_000_000
  log.isEnded = true
  const stop = source.start()
  for (const first of [0, 500_000, 250_000, 999_900]) {
    source.show(first, first + 60)
    await vi.waitFor(() => expect(source.line(first + 60)?.Text).toBe(`line ${first + 60}`), soon)
    expect(source.line(first)?.Text).toBe(`line ${first}`)
  }
  expect(log.wishes.every(({ take = 0 }) => take <= PAGE_LINES)).toBe(true)
  stop()
})

test('it goes on where it was when nobody answered for a while', async () => {
  const { log, source } = createLog()
  log.total = 10
  const stop = source.start()
  await vi.waitFor(() => expect(source.state.get().total).toBe(10), soon)
  log.failures = 2
  log.total = 20
  await vi.waitFor(() => expect(source.state.get().isInterrupted).toBe(true), soon)
  log.total = 30
  log.isEnded = true
  await vi.waitFor(
    () => expect(source.state.get()).toMatchObject({ total: 30, isEnded: true, isInterrupted: false }),
    soon,
  )
  for (let index = 0; index < 30; index += 1) expect(source.line(index)?.Text).toBe(`line ${index}`)
  stop()
})
