import type { Queryable } from '../database/connect.ts'
import type { Clock } from '../lib/clock.ts'
import { ConfigurationError } from '../lib/errors.ts'
import { deathAsSeenFrom, type ProcessPlace } from './machine.ts'
import { createObserver } from './observer.ts'
import type { Timings } from './timings.ts'

/** The row that a name has when a process wants to register under it, with the beats of the incarnation it had. */
export interface Predecessor {
  name: string
  /** Null for a tombstone, and for a row that no process has registered. */
  incarnation: string | null
  deleted_at: Date | null
  url: string | null
  machine: string | null
  boot: string | null
  pid: number | null
  process_start: string | null
  has_beat_row: boolean
  beat: number
  age_ms: number
  heart_pid: number | null
  presence_key: string | null
  goodbye: boolean
  lost: boolean
  /** Names the run of the server that answered. */
  server: string
}

/** How the incarnation before this one came to its end. */
export type PredecessorEnd =
  /** There was none, or nothing is left of it. */
  | { how: 'none' }
  | { how: 'goodbye' }
  /** It bears the mark already; `proof` when its death is known only now. */
  | { how: 'lost'; proof: string | undefined }
  | { how: 'proof'; proof: string }
  | { how: 'silence'; beat: number; stillMs: number; leaseDurationMs: number }

export async function readPredecessor(sql: Queryable, name: string): Promise<Predecessor | undefined> {
  const rows = await sql<Predecessor[]>`
    select n.name, n.incarnation, n.deleted_at, n.url, n.machine, n.boot, n.pid, n.process_start,
           b.incarnation is not null as has_beat_row, coalesce(b.beat, 0) as beat, b.heart_pid, b.presence_key::text,
           coalesce(extract(epoch from clock_timestamp() - b.last_seen)::float8 * 1000, 0) as age_ms,
           coalesce(b.goodbye, false) as goodbye, coalesce(b.lost, false) as lost, pg_postmaster_start_time()::text as server
    from node n left join node_beat b on b.incarnation = n.incarnation
    where n.name = ${name}`
  return rows[0]
}

export interface WaitDeps {
  timings: Pick<Timings, 'heartbeatIntervalMs' | 'leaseDurationMs'>
  clock: Clock
  place: ProcessPlace
  /** The incarnation that this very process was: it knows that it is over. */
  formerIncarnation: string | undefined
  signal: AbortSignal | undefined
}

/**
 * Waits for the end of the incarnation that has the name: at most a lease for one that beats, and then refuses with a
 * ConfigurationError; for one that does not, until it was seen silent for a lease. Silence is counted by the beat itself.
 */
export async function awaitEnd(
  sql: Queryable,
  name: string,
  deps: WaitDeps,
): Promise<[Predecessor | undefined, PredecessorEnd]> {
  const { clock, timings } = deps
  const observer = createObserver(Math.max(3 * timings.heartbeatIntervalMs, 1000))
  const beganMs = clock.monotonicMs()
  let counted: { incarnation: string; beat: number } | undefined
  let movedMs: number | undefined
  for (;;) {
    const askedMs = clock.monotonicMs()
    const row = await readPredecessor(sql, name)
    const answeredMs = clock.monotonicMs()
    const known = knownEnd(row, deps)
    if (!row || row.incarnation === null || known) return [row, known ?? { how: 'none' }]
    const { incarnation, beat, server: session } = row
    observer.read({ session, askedMs, answeredMs, beats: [{ incarnation, beat }] })
    if (counted?.incarnation === incarnation && counted.beat !== beat) movedMs = answeredMs
    counted = { incarnation, beat }
    const stillMs = observer.stillMs(incarnation)
    const death = deathAsSeenFrom(deps.place, placeOf(row))
    if (death && (death.by === 'process' || stillMs >= 2 * timings.heartbeatIntervalMs))
      return [row, { how: 'proof', proof: death.cause }]
    if (stillMs >= timings.leaseDurationMs && isOldByClock(row, timings.leaseDurationMs))
      return [row, { how: 'silence', beat, stillMs, leaseDurationMs: timings.leaseDurationMs }]
    const isBeating = movedMs !== undefined && answeredMs - movedMs <= 2 * timings.heartbeatIntervalMs
    if (isBeating && answeredMs - beganMs >= timings.leaseDurationMs) throw nameTaken(row)
    await clock.sleep(timings.heartbeatIntervalMs / 4, deps.signal)
  }
}

/** What is known without waiting. */
function knownEnd(row: Predecessor | undefined, deps: WaitDeps): PredecessorEnd | undefined {
  if (!row || row.incarnation === null || !row.has_beat_row) return { how: 'none' }
  const isMyself = row.incarnation === deps.formerIncarnation
  const proof = isMyself ? 'its process has ended this start itself.' : undefined
  if (row.goodbye) return { how: 'goodbye' }
  if (row.lost) return { how: 'lost', proof: proof ?? deathAsSeenFrom(deps.place, placeOf(row))?.cause }
  return proof === undefined ? undefined : { how: 'proof', proof }
}

/** The mark by silence asks the same of the clock; one that was set back is not waited for. */
function isOldByClock({ age_ms }: Predecessor, leaseDurationMs: number): boolean {
  return age_ms > leaseDurationMs || age_ms < 0
}

/** What was never recorded equals nothing. */
function placeOf({ machine, boot, pid, process_start }: Predecessor): ProcessPlace {
  return { machine: machine ?? '', boot: boot ?? '', pid: pid ?? 0, processStart: process_start ?? '' }
}

function nameTaken({ name, url, machine, pid }: Predecessor): ConfigurationError {
  return new ConfigurationError(
    `The node name ${name} is taken: a process with this name is alive (${url ?? 'no url'}, process ${pid ?? 'unknown'} on ${machine ?? 'an unknown machine'}). Give this node another name (--name or TAKO_NAME), or stop the other one first.`,
  )
}

/**
 * Ends the database session of a heart that beats no more, so that what it holds is free: the one that holds the presence
 * lock (its key in pg_locks in two halves), or the one that was recorded, unless its number was given to another since.
 */
export async function endHeartSession(
  sql: Queryable,
  name: string,
  predecessor: Predecessor | undefined,
): Promise<void> {
  if (!predecessor?.presence_key) return
  await sql`
    select pg_terminate_backend(a.pid)
    from pg_stat_activity a
    where a.datname = current_database() and a.usename = current_user and a.application_name like 'tako heart %'
      and ((a.pid = ${predecessor.heart_pid} and a.application_name = left(${`tako heart ${name}`}, 63))
        or a.pid in (select l.pid from pg_locks l
                     where l.locktype = 'advisory' and l.granted and l.objsubid = 1
                       and l.database = (select oid from pg_database where datname = current_database())
                       and (l.classid::bigint << 32) + l.objid::bigint = ${predecessor.presence_key}::bigint))`
}
