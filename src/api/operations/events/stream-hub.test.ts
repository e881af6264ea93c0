import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { must } from '../../../lib/must.ts'
import { STREAM_TOPICS, StreamHub, type StreamTopic } from './stream-hub.ts'

const ALL = Object.keys(STREAM_TOPICS) as StreamTopic[]
const hubs: StreamHub<string>[] = []

afterEach(() => {
  for (const hub of hubs.splice(0)) hub.close()
})

function makeHub(more: { maxClients?: number; may?: (identity: string) => readonly StreamTopic[] | undefined } = {}) {
  const hub = new StreamHub<string>({
    ...(more.maxClients === undefined ? {} : { maxClients: more.maxClients }),
    review: async (identities) => identities.map(more.may ?? (() => ALL)),
  })
  hubs.push(hub)
  return hub
}

/** Reads until the text holds what is awaited. */
async function readUntil(stream: AsyncIterable<Buffer>, awaited: string | RegExp): Promise<string> {
  let read = ''
  for await (const chunk of stream) {
    read += chunk.toString()
    if (read.search(awaited) >= 0) return read
  }
  return read
}

test('a stream begins with hello and tells of hints, gathered', async () => {
  const hub = makeHub()
  const stream = hub.add('a', ALL)
  hub.hear({ topic: 'node', detail: 'OctopusServerNodes-node-a' })
  hub.hear({ topic: 'node', detail: 'node-b,OctopusServerNodes-node-a' })
  hub.hear({ topic: 'cancel', detail: '7' })
  hub.hear({ topic: 'log', detail: 'ServerTasks-9' })
  const read = await readUntil(stream, 'event: task')
  expect(read).toBe(
    `retry: 1000\nevent: hello\ndata: ${JSON.stringify({ Topics: ALL })}\n\n` +
      'event: node\ndata: {"Ids":["OctopusServerNodes-node-a","OctopusServerNodes-node-b"]}\n\n' +
      'event: task\ndata: {"Ids":["ServerTasks-7"]}\n\n',
  )
})

test('more than a hundred ids, and a hint about many, are told as many', async () => {
  const hub = makeHub()
  const stream = hub.add('a', ALL)
  hub.hear({ topic: 'task', detail: Array.from({ length: 101 }, (_, index) => `ServerTasks-${index}`).join() })
  hub.hear({ topic: 'node', detail: 'OctopusServerNodes-node-a' })
  hub.hear({ topic: 'node', detail: '' })
  const read = await readUntil(stream, 'event: node')
  expect(read).toContain('event: task\ndata: {"Ids":[]}\n\nevent: node\ndata: {"Ids":[]}\n\n')
})

test('one hears only of what one may', async () => {
  const hub = makeHub()
  const stream = hub.add('a', ['task'])
  hub.hear({ topic: 'event', detail: '' })
  hub.hear({ topic: 'task', detail: 'ServerTasks-1' })
  hub.resync()
  const read = await readUntil(stream, 'event: resync')
  expect(read).not.toContain('event: event')
  expect(read).toContain('event: task')
})

test('a stream ends with its session, and with a right that was taken away', async () => {
  const rights = new Map<string, StreamTopic[]>([
    ['kept', ALL],
    ['narrowed', ALL],
    ['revoked', ALL],
  ])
  const hub = makeHub({ may: (identity) => rights.get(identity) })
  const kept = hub.add('kept', ALL)
  const narrowed = hub.add('narrowed', ALL)
  const revoked = hub.add('revoked', ALL)
  rights.set('narrowed', ['task'])
  rights.delete('revoked')
  await hub.review()
  expect(await text(narrowed)).toMatch(/retry: 1000\n\n$/)
  expect(await text(revoked)).toMatch(/retry: 1000\n\n$/)
  expect(hub.clientCount).toBe(1)
  hub.hear({ topic: 'queue', detail: '' })
  expect(await readUntil(kept, 'event: queue')).toContain('event: queue')
})

test('a client that reads nothing is dropped, and holds up nobody', async () => {
  const hub = makeHub()
  const slow = hub.add('slow', ALL)
  const quick = hub.add('quick', ALL)
  let heard = 0
  quick.on('data', () => {
    heard += 1
  })
  const detail = Array.from({ length: 90 }, (_, index) => `ServerTasks-${'9'.repeat(20)}${index}`).join()
  for (let sent = 0; sent < 200 && !slow.destroyed; sent += 1) {
    hub.hear({ topic: 'task', detail })
    hub.flush()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(slow.destroyed).toBe(true)
  expect(quick.destroyed).toBe(false)
  expect(heard).toBeGreaterThan(50)
  expect(hub.clientCount).toBe(1)
})

test('there are only so many streams, and none on a stopping node, whose streams end with a word on when to come back', async () => {
  const hub = makeHub({ maxClients: 2 })
  const streams = [hub.add('a', ALL), hub.add('b', ALL)]
  expect(hub.isFull).toBe(true)
  streams[0]?.destroy()
  await new Promise((resolve) => setImmediate(resolve))
  expect(hub.isFull).toBe(false)
  hub.close()
  expect(hub.isFull).toBe(true)
  expect(await text(must(streams[1]))).toMatch(/hello.*\n\nretry: 1000\n\n$/s)
})
