import type { Sql } from '../../src/database/connect.ts'

/** Sessions of which a test can lose the answers: what was asked is done all the same. */
export interface LossySql {
  sql: Sql
  /** The next `count` statements that contain the text are done, and then fail as if the connection had been cut. */
  loseAnswers(text: string, count: number): void
  /** Fails statements that contain the text before they are sent, until the returned function is called. */
  cut(text: string): () => void
  /** Delays the answers of statements that contain the text, until the returned function is called. */
  hold(text: string): () => void
  /** Gives out every answer that is held. */
  release(): void
}

export function makeLossy(inner: Sql): LossySql {
  let losing: { text: string; left: number } | undefined
  const cuts = new Set<string>()
  const holds = new Map<string, Promise<void>>()
  const releases = new Set<() => void>()
  const matches = (query: string, texts: Iterable<string>) => [...texts].find((text) => query.includes(text))
  const sql = new Proxy(inner, {
    apply(target, self, [strings, ...values]) {
      const query = Array.isArray(strings) ? strings.join(' ') : ''
      const cut = matches(query, cuts)
      if (cut !== undefined) return Promise.reject(new Error('CONNECTION_CLOSED (a test cut it)'))
      const answer = Reflect.apply(target, self, [strings, ...values])
      const held = matches(query, holds.keys())
      if (held !== undefined) {
        const release = holds.get(held)
        return (async () => {
          const rows = await answer
          await release
          return rows
        })()
      }
      if (losing === undefined || losing.left === 0 || !query.includes(losing.text)) return answer
      losing.left -= 1
      return (async () => {
        await answer
        throw new Error('CONNECTION_CLOSED (a test lost the answer)')
      })()
    },
  })
  return {
    sql,
    loseAnswers: (text, left) => {
      losing = { text, left }
    },
    cut(text) {
      cuts.add(text)
      return () => cuts.delete(text)
    },
    hold(text) {
      let release = () => {}
      holds.set(
        text,
        new Promise((resolve) => {
          release = resolve
        }),
      )
      releases.add(release)
      return () => {
        holds.delete(text)
        release()
      }
    },
    release() {
      holds.clear()
      for (const release of releases) release()
    },
  }
}
