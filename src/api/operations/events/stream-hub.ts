import { PassThrough, type Readable } from 'node:stream'
import { nodeId, nodeNameOf } from '../../../cluster/incarnation.ts'
import type { Hint } from '../../../database/hints.ts'
import type { Permission } from '../../../identity/permissions.ts'
import { SECOND } from '../../../lib/clock.ts'

/** What a stream tells of, and the permission that hearing of it needs. */
export const STREAM_TOPICS = {
  node: 'ServerNodeView',
  leadership: 'ServerNodeView',
  queue: 'TaskView',
  task: 'TaskView',
  event: 'EventView',
  schedule: 'TaskView',
} as const satisfies Record<string, Permission>

export type StreamTopic = keyof typeof STREAM_TOPICS

/** One who listens. `Identity` is what `stillValid` needs to judge it. */
interface Client<Identity> {
  identity: Identity
  topics: ReadonlySet<StreamTopic>
  stream: PassThrough
}

export interface HubOptions<Identity> {
  /** Streams at once on this node. */
  maxClients?: number
  /** Of these identities, in this order: the topics each may still hear, or undefined when it is not valid any more. */
  review(identities: readonly Identity[]): Promise<readonly (readonly StreamTopic[] | undefined)[]>
}

const MAX_CLIENTS = 500
/** Hints are gathered for this long, so that 10,000 tasks a second are a few messages a second. */
const GATHER_MS = 100
/** Beyond this many ids a message says «many». */
const MAX_IDS = 100
/** A client that has not read this much is dropped: it comes back and reads everything again. */
const MAX_BACKLOG_BYTES = 256 * 1024
/** When a client should come back after the node has ended its stream. */
const RETRY_MS = 1 * SECOND
const COMMENT_EVERY_MS = 15 * SECOND
const REVIEW_EVERY_MS = 2 * SECOND

/**
 * Passes the hints on to all who listen, gathered and written once. What is lost is not repeated: a message says «look
 * again», never what is to be seen.
 */
export class StreamHub<Identity> {
  readonly #options: HubOptions<Identity>
  readonly #clients = new Set<Client<Identity>>()
  readonly #gathered = new Map<StreamTopic | 'resync', Set<string> | 'many'>()
  readonly #timers: NodeJS.Timeout[]
  #flushTimer: NodeJS.Timeout | undefined
  #lastFlushMs = Number.NEGATIVE_INFINITY
  #reviewing = false
  #closed = false

  constructor(options: HubOptions<Identity>) {
    this.#options = options
    this.#timers = [
      setInterval(() => this.#tellAll(':\n\n'), COMMENT_EVERY_MS).unref(),
      setInterval(() => void this.review(), REVIEW_EVERY_MS).unref(),
    ]
  }

  get clientCount(): number {
    return this.#clients.size
  }

  /** True when one more would be too many, or none is taken any more. */
  get isFull(): boolean {
    return this.#closed || this.#clients.size >= (this.#options.maxClients ?? MAX_CLIENTS)
  }

  /** A new stream, which begins with `hello` from the node of that name. It leaves the hub when it is closed by either side. */
  add(identity: Identity, topics: readonly StreamTopic[], node?: string): Readable {
    const stream = new PassThrough()
    const client: Client<Identity> = { identity, topics: new Set(topics), stream }
    this.#clients.add(client)
    stream.once('close', () => this.#clients.delete(client))
    stream.on('error', () => this.#clients.delete(client))
    stream.write(`retry: ${RETRY_MS}\nevent: hello\ndata: ${JSON.stringify({ Topics: topics, Node: node })}\n\n`)
    return stream
  }

  /** Takes up a hint. */
  hear({ topic, detail }: Hint): void {
    if (topic === 'log' || topic === 'resync' || this.#clients.size === 0) return
    const told = topic === 'cancel' ? 'task' : topic
    this.#gather(told, detail === '' ? [] : detail.split(',').map((id) => wireId(told, id)))
  }

  /** Tells everybody to read everything again, since hints may have been missed. */
  resync(): void {
    this.#gather('resync', [])
  }

  /** Ends the streams of those whose session or key is not valid any more, and of those who may hear less than before. */
  async review(): Promise<void> {
    if (this.#reviewing || this.#clients.size === 0) return
    this.#reviewing = true
    const clients = [...this.#clients]
    try {
      const verdicts = await this.#options.review(clients.map(({ identity }) => identity))
      clients.forEach((client, index) => {
        const may = verdicts[index]
        if (!may || [...client.topics].some((topic) => !may.includes(topic))) this.#end(client)
      })
    } catch {
      // Who cannot be judged now, because the database is away, is judged with the next pass; there are no hints meanwhile either.
    } finally {
      this.#reviewing = false
    }
  }

  /** Ends every stream, saying when to come back, and takes no more. */
  close(): void {
    this.#closed = true
    for (const timer of this.#timers) clearInterval(timer)
    clearTimeout(this.#flushTimer)
    for (const client of this.#clients) this.#end(client)
  }

  #gather(topic: StreamTopic | 'resync', ids: readonly string[]): void {
    const known = this.#gathered.get(topic) ?? new Set<string>()
    if (known !== 'many') for (const id of ids) known.add(id)
    this.#gathered.set(topic, known === 'many' || ids.length === 0 || known.size > MAX_IDS ? 'many' : known)
    if (this.#flushTimer || this.#closed) return
    const waitMs = Math.max(0, this.#lastFlushMs + GATHER_MS - performance.now())
    this.#flushTimer = setTimeout(() => this.flush(), waitMs).unref()
  }

  /** Writes what has been gathered now. */
  flush(): void {
    clearTimeout(this.#flushTimer)
    this.#flushTimer = undefined
    this.#lastFlushMs = performance.now()
    const gathered = [...this.#gathered]
    this.#gathered.clear()
    for (const [topic, ids] of gathered) {
      const text = `event: ${topic}\ndata: ${JSON.stringify({ Ids: ids === 'many' ? [] : [...ids] })}\n\n`
      this.#tellAll(text, topic)
    }
  }

  #tellAll(text: string, topic?: StreamTopic | 'resync'): void {
    for (const client of this.#clients) {
      if (topic !== undefined && topic !== 'resync' && !client.topics.has(topic)) continue
      if (client.stream.writableLength + client.stream.readableLength > MAX_BACKLOG_BYTES) client.stream.destroy()
      else client.stream.write(text)
    }
  }

  #end(client: Client<Identity>): void {
    this.#clients.delete(client)
    client.stream.end(`retry: ${RETRY_MS}\n\n`)
  }
}

/** Hints name a task by its number and a node by its name; the wire by their ids. */
function wireId(topic: StreamTopic, id: string): string {
  if (topic === 'task' || topic === 'queue') return /^\d+$/.test(id) ? `ServerTasks-${id}` : id
  return topic === 'node' ? nodeId(nodeNameOf(id)) : id
}
