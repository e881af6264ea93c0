import type { Sql } from '../../../database/connect.ts'
import type { Credential } from '../../../identity/current-user.ts'
import { type Role, roleMay } from '../../../identity/permissions.ts'
import { STREAM_TOPICS, type StreamTopic } from './stream-hub.ts'

/** What the holder of a role may hear of. */
export function topicsOf(role: Role): StreamTopic[] {
  return (Object.keys(STREAM_TOPICS) as StreamTopic[]).filter((topic) => roleMay(role, STREAM_TOPICS[topic]))
}

/**
 * What each of these may hear of now, in one statement for all of them; undefined where the session or key has ended or
 * its user may not log in any more. Being looked at is no use of a session: it does not lengthen its life.
 */
export async function reviewCredentials(
  sql: Sql,
  credentials: readonly Credential[],
): Promise<(StreamTopic[] | undefined)[]> {
  const roles = new Map<string, Role>()
  for (const { key, role } of await readRoles(sql, credentials)) roles.set(key, role)
  return credentials.map((credential) => {
    const role = roles.get(keyOf(credential))
    return role && topicsOf(role)
  })
}

function keyOf(credential: Credential): string {
  return credential.kind === 'session' ? `session ${credential.idHash.toString('hex')}` : `key ${credential.id}`
}

async function readRoles(sql: Sql, credentials: readonly Credential[]): Promise<{ key: string; role: Role }[]> {
  const sessions = credentials.flatMap((one) => (one.kind === 'session' ? one.idHash.toString('hex') : []))
  const keys = credentials.flatMap((one) => (one.kind === 'key' ? one.id : []))
  return await sql<{ key: string; role: Role }[]>`
    select 'session ' || encode(s.id_hash, 'hex') as key, u.role
    from session s join app_user u on u.id = s.user_id
    where s.id_hash = any (array(select decode(hash, 'hex') from unnest(${sessions}::text[]) as given (hash)))
      and u.is_active and s.expires_at > clock_timestamp()
      and s.last_used_at + make_interval(secs => s.idle_ms / 1000.0) > clock_timestamp()
    union all
    select 'key ' || k.id, u.role
    from api_key k join app_user u on u.id = k.user_id
    where k.id = any (${keys}::bigint[]) and u.is_active
      and (k.expires_at is null or k.expires_at > clock_timestamp())`
}
