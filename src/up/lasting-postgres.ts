import { systemClock } from '../lib/clock.ts'
import { messageOf } from '../lib/errors.ts'
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './embedded-postgres.ts'
import { describeEnd } from './node-process.ts'

/** A server that lives no longer than this counts as unable to live; so many of them in a row, and it is given up. */
const SHORT_LIFE_MS = 10_000
const MOST_SHORT_LIVES = 3

/** An embedded server that is started again, on the same port, when it ends unasked. */
export interface LastingPostgres {
  readonly url: string
  readonly port: number
  /** Resolves with the reason when the server is gone for good. */
  readonly lost: Promise<string>
  stop(): Promise<void>
}

type Options = EmbeddedPostgresOptions & { onProgress: (sentence: string) => void }

/** Starts the server and watches over it until `stop`. */
export async function startLastingPostgres(options: Options): Promise<LastingPostgres> {
  const first = await startEmbeddedPostgres(options)
  const stopping = new AbortController()
  const held = { server: first }
  const watching = watchOver(held, options, stopping.signal)
  return {
    url: first.url,
    port: first.port,
    lost: watching.then((reason) => reason ?? new Promise<never>(() => {})),
    async stop() {
      stopping.abort()
      await held.server.stop()
      await watching
    },
  }
}

/** Resolves with why the server is gone for good, or with nothing when it was to stop. */
async function watchOver(
  held: { server: EmbeddedPostgres },
  options: Options,
  stopping: AbortSignal,
): Promise<string | undefined> {
  for (let shortLives = 0; ; ) {
    const startedAt = systemClock.monotonicMs()
    const how = describeEnd(await held.server.exited)
    if (stopping.aborted) return undefined
    // The server is gone; this gives its folder free.
    await held.server.stop()
    shortLives = systemClock.monotonicMs() - startedAt < SHORT_LIFE_MS ? shortLives + 1 : 0
    if (shortLives > MOST_SHORT_LIVES) return `PostgreSQL ends again and again right after its start (${how})`
    options.onProgress(`PostgreSQL ended unasked (${how}): starting it again`)
    try {
      held.server = await restart(held.server, options, stopping)
    } catch (error) {
      return stopping.aborted ? undefined : messageOf(error)
    }
    if (stopping.aborted) await held.server.stop()
    else options.onProgress('PostgreSQL is back')
  }
}

async function restart(ended: EmbeddedPostgres, options: Options, signal: AbortSignal): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ ...options, signal })
  if (server.url === ended.url) return server
  await server.stop()
  throw new Error(`PostgreSQL cannot come back on port ${ended.port}, which another program has taken`)
}
