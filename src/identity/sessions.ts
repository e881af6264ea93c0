import type { Queryable } from '../database/connect.ts'
import { DAY, HOUR } from '../lib/clock.ts'
import type { CurrentUser } from './current-user.ts'
import type { Role } from './permissions.ts'
import { createToken, hashSecret } from './secrets.ts'

/** How long a session lasts: `idleMs` after its last use, and in any case no longer than `absoluteMs`. */
export interface SessionLife {
  readonly idleMs: number
  readonly absoluteMs: number
}

const ordinaryLife: SessionLife = { idleMs: 2 * HOUR, absoluteMs: 12 * HOUR }
/** For who asked to be remembered. */
export const rememberedLife: SessionLife = { idleMs: 7 * DAY, absoluteMs: 30 * DAY }

/** A session just made: the two secrets, which only its holder keeps. */
export interface NewSession {
  readonly token: string
  readonly csrfToken: string
  readonly life: SessionLife
}

/** A user has at most this many sessions; beyond them the one unused for longest ends. */
const SESSIONS_OF_USER = 1000

/** Starts a session under a new id, in the transaction of the login. */
export async function createSession(
  sql: Queryable,
  session: { userId: number; isRemembered: boolean; address: string | undefined; userAgent: string | undefined },
): Promise<NewSession> {
  const life = session.isRemembered ? rememberedLife : ordinaryLife
  const made = { token: createToken(), csrfToken: createToken(), life }
  await sql`
    insert into session (id_hash, user_id, csrf_hash, idle_ms, expires_at, address, user_agent)
    values (${hashSecret(made.token)}, ${session.userId}, ${hashSecret(made.csrfToken)}, ${life.idleMs},
            clock_timestamp() + make_interval(secs => ${life.absoluteMs / 1000}), ${session.address ?? null}, ${session.userAgent?.slice(0, 200) ?? null})`
  await sql`
    delete from session where user_id = ${session.userId} and id_hash not in
      (select id_hash from session where user_id = ${session.userId} order by last_used_at desc, id_hash limit ${SESSIONS_OF_USER})`
  return made
}

interface SessionRow {
  userId: number
  username: string
  displayName: string
  role: Role
  isService: boolean
  version: number
  csrfHash: Buffer
  isUseOld: boolean
}

/** Who a session belongs to, when it and its user are still good. */
export async function findSession(
  sql: Queryable,
  idHash: Buffer,
): Promise<{ user: CurrentUser; isUseOld: boolean } | undefined> {
  const [row] = await sql<SessionRow[]>`
    select u.id as "userId", u.username, u.display_name as "displayName", u.role, u.is_service as "isService", u.version,
           s.csrf_hash as "csrfHash", s.last_used_at < clock_timestamp() - interval '1 minute' as "isUseOld"
    from session s join app_user u on u.id = s.user_id
    where s.id_hash = ${idHash} and u.is_active
      and s.expires_at > clock_timestamp() and s.last_used_at + make_interval(secs => s.idle_ms / 1000.0) > clock_timestamp()`
  if (!row) return undefined
  const { userId, csrfHash, isUseOld, ...rest } = row
  return { user: { id: userId, ...rest, credential: { kind: 'session', idHash, csrfHash } }, isUseOld }
}

/** Notes that a session is in use; written at most once a minute. */
export async function touchSession(sql: Queryable, idHash: Buffer): Promise<void> {
  await sql`
    update session set last_used_at = clock_timestamp()
    where id_hash = ${idHash} and last_used_at < clock_timestamp() - interval '1 minute'`
}

export async function deleteSession(sql: Queryable, idHash: Buffer): Promise<void> {
  await sql`delete from session where id_hash = ${idHash}`
}

/** Ends every session of a user and returns how many there were. */
export async function deleteSessionsOf(sql: Queryable, userId: number): Promise<number> {
  const { count } = await sql`delete from session where user_id = ${userId}`
  return count
}
