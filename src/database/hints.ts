import type { Sql } from './connect.ts'

/**
 * What a hint is about. A hint says «look now»; nothing may depend on one arriving, since everything hinted at is also
 * polled. `resync` is never sent: a node tells it itself when it listens again, since hints of any topic may have been missed.
 */
export type Topic = 'queue' | 'cancel' | 'node' | 'leadership' | 'task' | 'log' | 'event' | 'schedule' | 'resync'

export interface Hint {
  topic: Topic
  /** Ids the hint is about, comma separated; empty when it is about many. */
  detail: string
}

export const HINT_CHANNEL = 'tako'

/** The text that NOTIFY carries: `topic` or `topic:detail`. Short, since a payload is limited to 8000 bytes. */
export function hintText(topic: Topic, detail = ''): string {
  return detail === '' || detail.length > 2000 ? topic : `${topic}:${detail}`
}

/** Reads a NOTIFY payload. */
export function parseHint(payload: string): Hint {
  const colon = payload.indexOf(':')
  const topic = (colon < 0 ? payload : payload.slice(0, colon)) as Topic
  return { topic, detail: colon < 0 ? '' : payload.slice(colon + 1) }
}

/** The hints of all nodes, this one's included. */
export interface Hints {
  /** Calls the listener for each hint from now on; returns what takes it off. May be called before `start`. */
  on(listener: (hint: Hint) => void): () => void
  /** Begins to listen; resolves when the session is there. Called once. */
  start(): Promise<void>
  stop(): Promise<void>
}

/**
 * Hears hints on one session of its own, which comes back by itself when it is lost. After each return the listeners are
 * told to look, since hints may have been missed.
 */
export function createHints(sql: Sql): Hints {
  const listeners = new Set<(hint: Hint) => void>()
  const tell = (hint: Hint) => {
    for (const listener of listeners) listener(hint)
  }
  let unlisten: (() => Promise<void>) | undefined
  return {
    on(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async start() {
      const heard = (payload: string) => tell(parseHint(payload))
      const subscription = await sql.listen(HINT_CHANNEL, heard, () => {
        for (const topic of ['resync', 'queue', 'cancel', 'node', 'leadership'] as const) tell({ topic, detail: '' })
      })
      unlisten = subscription.unlisten
    },
    async stop() {
      listeners.clear()
      // A session that is gone needs no UNLISTEN.
      await unlisten?.().catch(() => {})
    },
  }
}

/** Hints that are listening already. */
export async function startHints(sql: Sql): Promise<Hints> {
  const hints = createHints(sql)
  await hints.start()
  return hints
}
