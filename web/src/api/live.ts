import type { Query, QueryClient } from '@tanstack/react-query'
import { backOffMs, STREAM_STEPS } from './back-off.ts'
import { connection, noteStream } from './connection.ts'
import { sessionHasEnded } from './session-end.ts'
import { createStore } from './store.ts'
import { idsOf, isConcerned, nodeOf, TOPICS, type Topic } from './topics.ts'

/** Whether what is shown follows the cluster: since when not (browser's clock, ms), or undefined while it does. */
export const liveDownSince = createStore<number | undefined>(undefined)

const LEAST_BETWEEN_READS_MS = 1000
/** A stream that has lived for so long was a good one: what ends it later is a new trouble. */
const GOOD_AFTER_MS = 5000
/** A stream that has not said hello by then is given up. */
const HELLO_WITHIN_MS = 10_000
/** Shorter silences are those of single requests, such as one that took too long. */
const SHORTEST_CUT_MS = 2000

/**
 * Follows the event stream and has queries read again whose `meta.topics` it names, each at most once a second. Closes in
 * a hidden tab, and reads everything again when it is seen again, when the stream was interrupted, and when requests are
 * answered again. Returns how to stop.
 */
export function startLive(client: QueryClient): () => void {
  const reader = throttledReader(client)
  let hasMissed = false
  const stream = keptStream({
    onHello: () => {
      if (hasMissed) reader.readAll()
      hasMissed = false
    },
    onLost: () => {
      hasMissed = true
    },
    onTopic: (topic, ids) => reader.readWhere((query) => isConcerned(query.meta ?? {}, topic, ids)),
    onResync: () => reader.readAll(),
  })
  const onVisibility = () => {
    if (document.visibilityState === 'hidden') {
      hasMissed = true
      return stream.close()
    }
    reader.readAll()
    hasMissed = false
    stream.openNow()
  }
  const whenSeen = () => {
    if (document.visibilityState !== 'hidden') stream.openNow()
  }
  // The stream of a session that has ended was refused, and waits until there is another one.
  const stopWaiting = sessionHasEnded.subscribe(() => {
    if (!sessionHasEnded.get()) whenSeen()
  })
  const stopWatching = onAnswersAgain(() => {
    hasMissed = true
    reader.readAll()
    whenSeen()
  })
  document.addEventListener('visibilitychange', onVisibility)
  window.addEventListener('online', whenSeen)
  whenSeen()
  return () => {
    stopWaiting()
    stopWatching()
    document.removeEventListener('visibilitychange', onVisibility)
    window.removeEventListener('online', whenSeen)
    stream.close()
    reader.stop()
  }
}

interface StreamListener {
  onHello(): void
  onLost(): void
  onTopic(topic: Topic, ids: readonly string[]): void
  onResync(): void
}

/** An event stream that comes back by itself, after a while that grows and that differs from tab to tab. */
function keptStream(listener: StreamListener): { openNow(): void; close(): void } {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  let goodFrom = Number.POSITIVE_INFINITY

  const drop = () => {
    clearTimeout(timer)
    source?.close()
    source = undefined
    noteStream(undefined)
  }
  const lose = () => {
    drop()
    listener.onLost()
    liveDownSince.set(liveDownSince.get() ?? Date.now())
    if (Date.now() >= goodFrom) failures = 0
    goodFrom = Number.POSITIVE_INFINITY
    if (sessionHasEnded.get()) return
    timer = setTimeout(open, backOffMs(failures, Math.random(), STREAM_STEPS))
    failures += 1
  }
  const open = () => {
    drop()
    const stream = new EventSource('/api/events/stream')
    source = stream
    liveDownSince.set(liveDownSince.get() ?? Date.now())
    timer = setTimeout(lose, HELLO_WITHIN_MS)
    stream.addEventListener('hello', ({ data }) => {
      clearTimeout(timer)
      goodFrom = Date.now() + GOOD_AFTER_MS
      liveDownSince.set(undefined)
      noteStream(nodeOf(String(data)))
      listener.onHello()
    })
    stream.addEventListener('resync', () => listener.onResync())
    for (const topic of TOPICS) {
      stream.addEventListener(topic, ({ data }) => listener.onTopic(topic, idsOf(String(data))))
    }
    // The browser would come back by itself where the stream has only broken, all tabs after the same second.
    stream.addEventListener('error', () => source === stream && lose())
  }
  return {
    openNow: () => {
      failures = 0
      open()
    },
    close: () => {
      drop()
      liveDownSince.set(undefined)
    },
  }
}

/** Calls back when requests are answered again after a while of silence; a stream may have died in it unnoticed. */
function onAnswersAgain(callback: () => void): () => void {
  let silentSince = connection.get().silentSince
  return connection.subscribe(() => {
    const before = silentSince
    silentSince = connection.get().silentSince
    if (before !== undefined && silentSince === undefined && Date.now() - before >= SHORTEST_CUT_MS) callback()
  })
}

/** Reads queries again, each at most once in a second: the first at once, what comes meanwhile together afterwards. */
function throttledReader(client: QueryClient) {
  const lastRead = new Map<string, number>()
  const planned = new Map<string, ReturnType<typeof setTimeout>>()

  const readSoon = (query: Query) => {
    const { queryHash } = query
    if (planned.has(queryHash)) return
    const waited = Date.now() - (lastRead.get(queryHash) ?? 0)
    const isBusy = query.state.fetchStatus === 'fetching'
    const wait = Math.max(isBusy ? LEAST_BETWEEN_READS_MS / 4 : 0, LEAST_BETWEEN_READS_MS - waited)
    if (wait <= 0) return readNow(query)
    planned.set(
      queryHash,
      setTimeout(() => {
        planned.delete(queryHash)
        if (query.state.fetchStatus === 'fetching') readSoon(query)
        else readNow(query)
      }, wait),
    )
  }
  const readNow = (query: Query) => {
    lastRead.set(query.queryHash, Date.now())
    void client.invalidateQueries({ queryKey: query.queryKey, exact: true })
  }
  return {
    readWhere(isWanted: (query: Query) => boolean) {
      for (const query of client.getQueryCache().getAll()) if (isWanted(query)) readSoon(query)
    },
    readAll() {
      for (const query of client.getQueryCache().getAll()) {
        if (query.meta?.topics || query.state.status === 'error') readSoon(query)
      }
    },
    stop() {
      for (const timer of planned.values()) clearTimeout(timer)
      planned.clear()
    },
  }
}
