import type { Sql } from './connect.ts'

/**
 * What a hint is about. A hint says «look now»; nothing may depend on one arriving, since everything hinted at is also
 * polled.
 */
export type Topic = 'queue' | 'cancel' | 'node' | 'leadership' | 'task' | 'log' | 'event' | 'schedule'

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
  on(listener: (hint: Hint) => void): () => void
  /** True while a session listens: what polls may then poll less often. */
  isListening(): boolean
  stop(): Promise<void>
}

/** Listens on one session of its own, which comes back by itself; listeners hear a `queue` hint after each return, in case some were missed. */
export async function startHints(sql: Sql): Promise<Hints> {
  const listeners = new Set<(hint: Hint) => void>()
  let listening = false
  const tell = (hint: Hint) => {
    for (const listener of listeners) listener(hint)
  }
  const subscription = sql.listen(
    HINT_CHANNEL,
    (payload) => tell(parseHint(payload)),
    () => {
      listening = true
      for (const topic of ['queue', 'cancel', 'node', 'leadership'] as const) tell({ topic, detail: '' })
    },
  )
  const { unlisten } = await subscription
  return {
    on(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    isListening: () => listening,
    async stop() {
      listeners.clear()
      await unlisten().catch(() => {})
    },
  }
}
