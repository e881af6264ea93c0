import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { ApiContext } from '../api/context.ts'
import { createLive } from '../api/live.ts'
import { createHints, type Hints } from '../database/hints.ts'
import { ensureFirstUser } from '../identity/bootstrap.ts'
import { createIdentity } from '../identity/identity.ts'
import { type Clock, SECOND, systemClock } from '../lib/clock.ts'
import { ConfigurationError, isAbort, messageOf } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { ensureJobs, type RecurringJob } from '../schedule/jobs.ts'
import { type Kind, KindRegistry } from '../tasks/kind.ts'
import { createHttp, type NodeHttp } from './http.ts'
import { type Heritage, Life, type LifeParts } from './life.ts'
import type { ServerOptions } from './options.ts'
import { type PreparedDatabase, prepareDatabase } from './prepare-database.ts'
import type { KindParts } from './product.ts'
import { openSessions, type Sessions } from './sessions.ts'
import { productVersion } from './version.ts'

/** What a node is put together from. */
export interface NodeParts {
  options: ServerOptions
  /** The kinds this node knows, made from what the node has to offer. */
  kinds(parts: KindParts): readonly Kind[]
  jobs: readonly RecurringJob[]
  log: Log
  /** Told once, with the password that was made up for the first user. */
  onPassword?(username: string, password: string): void
}

/** A node that runs. */
export interface RunningNode {
  /**
   * Stops in order, in a bounded time: the ping fails, requests go on for the lame duck, attempts until the stop deadline,
   * then goodbye. `hurry` ends every wait.
   */
  stop(hurry: AbortSignal): Promise<void>
  /** Resolves when the node has come to its end without having been asked to: retired, or unable to go on. */
  readonly ended: Promise<Error | undefined>
}

/**
 * Starts a node: listens, prepares the database (waiting for one that cannot be reached), registers, and lives one
 * incarnation after the other until it is stopped. Rejects with a ConfigurationError for what cannot work.
 */
export async function startNode(parts: NodeParts): Promise<RunningNode> {
  const node = new Node(parts)
  await node.start()
  return node
}

class Node implements RunningNode {
  readonly ended: Promise<Error | undefined>
  readonly #parts: NodeParts
  readonly #clock: Clock = systemClock
  readonly #sessions: Sessions
  readonly #hints: Hints
  readonly #registry: KindRegistry
  readonly #context: ApiContext & { installationId: string }
  readonly #http: NodeHttp
  readonly #folders: LifeParts['folders']
  readonly #stopper = new AbortController()
  #life: Life | undefined
  #prepared: PreparedDatabase | undefined
  #living: Promise<void> = Promise.resolve()
  #end: (reason: Error | undefined) => void = () => {}

  constructor(parts: NodeParts) {
    const { options, log } = parts
    this.#parts = parts
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    this.#sessions = openSessions(options.databaseUrl, options.name)
    this.#hints = createHints(this.#sessions.hints)
    this.#folders = foldersOf(options)
    const leaseFile = () => this.#life?.leaseFile ?? ''
    this.#registry = new KindRegistry(parts.kinds({ options, leaseFile, workFolder: this.#folders.work }))
    this.#context = this.#createContext(log)
    this.#http = createHttp({
      options,
      context: this.#context,
      isPrepared: () => this.#prepared !== undefined,
      facts: () => ({
        name: options.name,
        isStopping: this.#http.lameDuck.isStopping,
        ...(this.#life?.facts() ?? { isStarted: false, isLeaseTrusted: false, drain: 'off' as const }),
      }),
      drainStatus: options.drainStatus,
    })
  }

  #createContext(log: Log): ApiContext & { installationId: string } {
    const { options } = this.#parts
    const { api: sql } = this.#sessions
    return {
      sql,
      hints: this.#hints,
      log,
      clock: this.#clock,
      timings: options.timings,
      node: { name: options.name, url: () => options.nodeUrl, incarnation: () => this.#life?.incarnation.id },
      installationId: '',
      version: productVersion,
      kinds: this.#registry,
      identity: createIdentity({ sql, clock: this.#clock, hints: this.#hints, node: options.name }),
      live: createLive({ sql, hints: this.#hints }),
    }
  }

  async start(): Promise<void> {
    try {
      await makeFolders(this.#parts.options, this.#folders)
      await this.#http.listen()
      await this.#prepare()
      await this.#begin({ timeline: 0 })
      this.#living = this.#live()
    } catch (error) {
      await this.#close()
      throw error
    }
  }

  async #prepare(): Promise<void> {
    const { options, jobs, log, onPassword } = this.#parts
    const { cluster: sql } = this.#sessions
    const prepared = await prepareDatabase(sql, { clock: this.#clock, log, signal: this.#stopper.signal })
    if (prepared.newerSchema) log.error(prepared.newerSchema)
    this.#context.installationId = prepared.installationId
    const { generatedPassword } = await ensureFirstUser(sql, { ...options.admin, log })
    if (generatedPassword) onPassword?.(options.admin.username, generatedPassword)
    if (!prepared.newerSchema) await ensureJobs(sql, jobs, prepared.installationId)
    await this.#hints.start()
    this.#prepared = prepared
  }

  async #begin(heritage: Heritage): Promise<void> {
    const { options, log } = this.#parts
    const newerSchema = this.#prepared?.newerSchema
    const parts: LifeParts = {
      options,
      version: productVersion,
      sessions: this.#sessions,
      hints: this.#hints,
      registry: this.#registry,
      folders: this.#folders,
      hindrances: newerSchema ? [newerSchema] : [],
      isStopping: () => this.#http.lameDuck.isStopping,
      onClusterChange: () => this.#context.live.streams.hear({ topic: 'node', detail: '' }),
      clock: this.#clock,
      log,
    }
    this.#life = await Life.begin(parts, heritage, this.#stopper.signal)
    log.info({ url: options.nodeUrl, incarnation: this.#life.incarnation.id }, 'ready')
  }

  /** One incarnation after the other, for as long as the process may go on. */
  async #live(): Promise<void> {
    const { log } = this.#parts
    const { signal } = this.#stopper
    while (!signal.aborted) {
      const life = this.#life
      if (!life) return
      await this.#untilOver(life, signal)
      if (signal.aborted) return
      if (life.isRetired()) return this.#end(undefined)
      log.warn({ reason: messageOf(life.incarnation.ended.reason) }, 'this incarnation is over; beginning anew')
      await life.die()
      try {
        await this.#beginAgain(life.heritage(), signal)
      } catch (error) {
        return signal.aborted ? undefined : this.#end(error instanceof Error ? error : new Error(String(error)))
      }
    }
  }

  async #untilOver(life: Life, signal: AbortSignal): Promise<void> {
    const over = AbortSignal.any([signal, life.incarnation.ended])
    while (!over.aborted && !life.isRetired()) {
      await this.#clock.sleep(SECOND, over).catch(() => {})
    }
  }

  /** The database may be away, which passes; that the name is taken does not. */
  async #beginAgain(heritage: Heritage, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        return await this.#begin(heritage)
      } catch (error) {
        if (error instanceof ConfigurationError || isAbort(error)) throw error
        this.#parts.log.warn({ err: error }, 'this node could not register again; trying in a second')
        await this.#clock.sleep(SECOND, signal)
      }
    }
  }

  async stop(hurry: AbortSignal): Promise<void> {
    const { timings } = this.#parts.options
    const life = this.#life
    const quiet = this.#http.quieten(hurry)
    this.#stopper.abort()
    await this.#living
    await life?.beginStop()
    await Promise.all([quiet, life?.finishAttempts(timings.stopDeadlineMs, hurry)])
    await life?.goodbye()
    await this.#close()
  }

  async #close(): Promise<void> {
    this.#stopper.abort()
    this.#context.live.close()
    this.#context.identity.stop()
    await this.#http.close()
    await this.#hints.stop()
    await this.#sessions.close()
  }
}

/** Of this node of this cluster on this machine alone; in memory where there is such a place. */
function foldersOf({ name, databaseUrl }: ServerOptions): LifeParts['folders'] {
  const cluster = createHash('sha256').update(databaseUrl).digest('hex').slice(0, 12)
  const base = join(tmpdir(), `tako-${userInfo().uid}`, `${name}-${cluster}`)
  return { lease: join(base, 'lease'), work: join(base, 'work') }
}

async function makeFolders({ sharedDir }: ServerOptions, folders: LifeParts['folders']): Promise<void> {
  try {
    await mkdir(sharedDir, { recursive: true })
  } catch (error) {
    throw new ConfigurationError(`The shared folder ${sharedDir} cannot be made: ${messageOf(error)}.`)
  }
  try {
    for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new ConfigurationError(
      `The folder for running tasks cannot be made: ${messageOf(error)}. Set TMPDIR to a folder this user may write to.`,
    )
  }
}
