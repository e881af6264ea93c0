import { connect as connectSocket } from 'node:net'
import type { Queryable } from '../database/connect.ts'
import type { Clock } from '../lib/clock.ts'
import { only } from '../lib/must.ts'

/** An incarnation that may be dead. */
export interface Suspect {
  node: string
  incarnation: string
  url: string
  presenceKey: string
}

/** Between the two connections that must be refused: one alone may meet a process in the middle of its start. */
const ASK_AGAIN_AFTER_MS = 50
const CONNECT_WITHIN_MS = 1000

/** Between two looks, when the first came too early. */
const LOOK_AGAIN_AFTER_MS = 20

export interface LookOptions {
  clock: Clock
  /**
   * How often to look. Right after a link has closed a dying process may still accept a connection, or its database
   * session still be about to end.
   */
  times: number
  signal: AbortSignal
}

/**
 * Looks whether an incarnation is dead: its address refuses two connections 50 ms apart (refused, not timed out: a frozen
 * process still accepts, a cut network answers nothing), and its heart's presence lock is free. Each alone proves nothing:
 * the lock belongs to a database session, which a reset connection ends as well. Returns the proof as a sentence.
 */
export async function proveDeath(sql: Queryable, suspect: Suspect, options: LookOptions): Promise<string | undefined> {
  const address = addressOf(suspect.url)
  if (!address) return undefined
  for (let look = 1; look <= options.times; look += 1) {
    if (look > 1) await options.clock.sleep(LOOK_AGAIN_AFTER_MS, options.signal)
    if (await looksDead(sql, suspect, address, options)) {
      return `its process is gone: ${address.host}:${address.port} refuses connections and its presence lock is free.`
    }
  }
  return undefined
}

async function looksDead(
  sql: Queryable,
  { presenceKey }: Suspect,
  address: Address,
  { clock, signal }: LookOptions,
): Promise<boolean> {
  if (!(await refusesConnection(address))) return false
  await clock.sleep(ASK_AGAIN_AFTER_MS, signal)
  const [isRefused, isFree] = await Promise.all([refusesConnection(address), isPresenceFree(sql, presenceKey)])
  return isRefused && isFree
}

/** One autocommitted statement: the server itself lets go of the lock again, also when this node freezes. Never waits. */
export async function isPresenceFree(sql: Queryable, presenceKey: string): Promise<boolean> {
  const rows = await sql<{ free: boolean }[]>`select pg_try_advisory_xact_lock_shared(${presenceKey}::bigint) as free`
  return only(rows).free
}

export interface Address {
  host: string
  port: number
}

/** Where a node listens, by its url; undefined when it is none. */
export function addressOf(url: string): Address | undefined {
  if (!URL.canParse(url)) return undefined
  const { hostname, port, protocol } = new URL(url)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (protocol === 'https:' ? 443 : 80) }
}

/** True only when the host itself says that nobody listens there, at each of its addresses. */
export function refusesConnection({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket({ host, port, timeout: CONNECT_WITHIN_MS })
    const answer = (refused: boolean) => {
      socket.destroy()
      resolve(refused)
    }
    socket.once('connect', () => answer(false))
    socket.once('timeout', () => answer(false))
    socket.once('error', (error) => answer(isRefusal(error)))
  })
}

/** A name with several addresses fails with one error that holds those of each. */
function isRefusal(error: Error): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isRefusal)
  return 'code' in error && error.code === 'ECONNREFUSED'
}
