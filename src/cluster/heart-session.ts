import { connect, type Queryable } from '../database/connect.ts'
import { HINT_CHANNEL, hintText } from '../database/hints.ts'
import { only } from '../lib/must.ts'
import type { Vitals } from './heart.ts'

/** Whose heart it is. */
export interface HeartIdentity {
  node: string
  incarnation: string
  presenceKey: string
}

/** The database's answer to a beat. */
export interface BeatAnswer {
  /** The beat's number; undefined when it was not accepted. */
  beat: number | undefined
  databaseTime: Date
  /** The server's timeline: raised by each promotion. */
  timeline: number
  isPresenceHeld: boolean
}

/** The heart's one session on the database. It is never mended: after any fault it is destroyed, and another opened. */
export interface HeartSession {
  /** Connects, and tries for the presence lock; once. */
  ready(): Promise<void>
  /**
   * Beats once. A server below the lowest timeline accepted gets no beat. With `isNews` the other nodes are told to look
   * at what the node says of itself.
   */
  beat(vitals: Vitals | undefined, lowestTimeline: number, isNews: boolean): Promise<BeatAnswer>
  /** Why beats are not accepted any more, as a sentence. */
  whyEnded(): Promise<string>
  /** Marks the incarnation as stopped in order; false when it was over already. */
  goodbye(): Promise<boolean>
  destroy(): void
}

/**
 * The presence lock is never waited for: an older session of this heart that the server has not given up yet may still
 * hold it, and then each beat tries again. `onLost` is called when the session was ready and ended by itself.
 */
export function createHeartSession(
  databaseUrl: string,
  identity: HeartIdentity,
  statementTimeoutMs: number,
  onLost: () => void,
): HeartSession {
  let isReady = false
  let isPresenceHeld = false
  const sql = connect(databaseUrl, {
    purpose: 'heart',
    owner: identity.node,
    max: 1,
    settings: { statement_timeout: Math.ceil(statementTimeoutMs) },
    onClose: () => {
      if (isReady) onLost()
    },
  })
  return {
    async ready() {
      if (isReady) return
      isPresenceHeld = await takePresence(sql, identity.presenceKey)
      isReady = true
    },
    async beat(vitals, lowestTimeline, isNews) {
      const answer = await sendBeat(sql, identity, vitals, { lowestTimeline, isNews, isPresenceHeld })
      isPresenceHeld = answer.isPresenceHeld
      return answer
    },
    whyEnded: () => explainEnd(sql, identity),
    goodbye: () => sayGoodbye(sql, identity),
    destroy() {
      isReady = false
      void sql.end({ timeout: 0 }).catch(() => {})
    },
  }
}

/** A session lock counts how often it was taken, so whoever holds it must not take it again. */
async function takePresence(sql: Queryable, key: string): Promise<boolean> {
  const rows = await sql<{ held: boolean }[]>`select pg_try_advisory_lock(${key}::bigint) as held`
  return only(rows).held
}

/**
 * One statement for the whole beat. It touches the beat row only: the look at the node's row takes no lock, so that
 * neither a claim nor a drain ever delays a beat. The timeline is the first eight digits of the current WAL file's name.
 */
async function sendBeat(
  sql: Queryable,
  { node, incarnation, presenceKey }: HeartIdentity,
  vitals: Vitals | undefined,
  { lowestTimeline, isNews, isPresenceHeld }: { lowestTimeline: number; isNews: boolean; isPresenceHeld: boolean },
): Promise<BeatAnswer> {
  const rows = await sql<{ beat: number | null; database_time: Date; timeline: number; held: boolean }[]>`
    with server as materialized (
      select ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint as timeline),
    beaten as (
      update node_beat b
      set beat = b.beat + 1, last_seen = greatest(b.last_seen, clock_timestamp()), heart_pid = pg_backend_pid(),
          can_claim = ${vitals?.canClaim ?? false}, fitness = coalesce(${vitals ? sql.json({ ...vitals.fitness }) : null}, b.fitness)
      from server
      where b.incarnation = ${incarnation} and not b.lost and not b.goodbye and server.timeline >= ${lowestTimeline}
        and exists (select 1 from node n where n.name = ${node} and n.incarnation = b.incarnation)
      returning b.beat)
    select (select beat from beaten) as beat, clock_timestamp() as database_time, timeline,
           case when ${isPresenceHeld} then true else pg_try_advisory_lock(${presenceKey}::bigint) end as held,
           (select pg_notify(${HINT_CHANNEL}, ${hintText('node')}) from beaten where ${isNews}) as told
    from server`
  const { beat, database_time, timeline, held } = only(rows)
  return { beat: beat ?? undefined, databaseTime: database_time, timeline, isPresenceHeld: held }
}

async function explainEnd(sql: Queryable, { node, incarnation }: HeartIdentity): Promise<string> {
  const rows = await sql<{ lost: boolean; lost_cause: string | null; goodbye: boolean }[]>`
    select lost, lost_cause, goodbye from node_beat where incarnation = ${incarnation}`
  const row = rows[0]
  if (row?.lost) return `This start of node ${node} was marked lost: ${row.lost_cause ?? 'no cause was given'}`
  if (row?.goodbye) return `This start of node ${node} was stopped in order.`
  return `Node ${node} was deleted, or another process has taken over its name.`
}

/** The hints go out with the commit: offline and leaderless at once. */
async function sayGoodbye(sql: Queryable, { incarnation }: HeartIdentity): Promise<boolean> {
  const rows = await sql`
    with gone as (
      update node_beat set goodbye = true, can_claim = false, last_seen = greatest(last_seen, clock_timestamp())
      where incarnation = ${incarnation} and not lost and not goodbye
      returning node)
    select pg_notify(${HINT_CHANNEL}, ${hintText('node')}), pg_notify(${HINT_CHANNEL}, ${hintText('leadership')}) from gone`
  return rows.length > 0
}
