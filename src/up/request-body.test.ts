import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { lazyBody } from './request-body.ts'

/** How long a condition may take to come about on a busy machine. */
const SOON = { timeout: 15_000 }

test('nothing is taken before somebody reads, so that a second body gets all of it', async () => {
  const source = Readable.from(['one', 'two'])
  lazyBody(source).destroy()
  expect(source.readableDidRead).toBe(false)
  expect(await text(lazyBody(source))).toBe('onetwo')
})

test('a slow reader holds the source back', async () => {
  let made = 0
  const source = new Readable({
    read() {
      made += 1
      this.push(made > 1000 ? null : Buffer.alloc(16_384))
    },
  })
  const body = lazyBody(source)
  body.read()
  await delay(20)
  expect(made).toBeLessThan(50)
  let bytes = 0
  for await (const chunk of body) bytes += (chunk as Buffer).length
  expect(bytes).toBeGreaterThan(900 * 16_384)
})

test('giving up in the middle leaves the source alive and throws away the rest', async () => {
  const source = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(65_536)))
  const body = lazyBody(source)
  body.read()
  await delay(5)
  body.destroy()
  await expect.poll(() => source.readableEnded, SOON).toBe(true)
})

test('a sender that goes away breaks the body off', async () => {
  const source = new Readable({ read() {} })
  const body = lazyBody(source)
  const reading = text(body)
  source.push('half')
  await delay(5)
  source.destroy()
  await expect(reading).rejects.toThrow('the sender has gone away')
})
