import type { Queryable } from '../database/connect.ts'
import { DAY } from '../lib/clock.ts'
import { only } from '../lib/must.ts'
import type { CurrentUser } from './current-user.ts'
import type { Role } from './permissions.ts'
import { hashSecret, keyHint } from './secrets.ts'

/** The life of a key for which no end is asked. */
export const DEFAULT_KEY_LIFE_MS = 180 * DAY

/** A user has at most this many keys. */
export const KEYS_OF_USER = 500

/** What is kept of a key: not the key. */
export interface ApiKey {
  id: number
  userId: number
  purpose: string
  hint: string
  createdAt: Date
  expiresAt: Date | null
  lastUsedAt: Date | null
  lastUsedFrom: string | null
  lastUsedNode: string | null
}

function columns(sql: Queryable) {
  return sql`id, user_id as "userId", purpose, hint, created_at as "createdAt", expires_at as "expiresAt",
             last_used_at as "lastUsedAt", last_used_from as "lastUsedFrom", last_used_node as "lastUsedNode"`
}

/** When a key ends: at a date, after a time from now, or never. */
export type KeyEnd = Date | { afterMs: number } | null

/** Stores a key's hash. Throws PostgreSQL's 23505 when this very key is stored already. */
export async function insertApiKey(
  sql: Queryable,
  key: { userId: number; text: string; purpose: string; end: KeyEnd },
): Promise<ApiKey> {
  const { end } = key
  const at = end instanceof Date ? end : null
  const afterSeconds = end && !(end instanceof Date) ? end.afterMs / 1000 : null
  return only(
    await sql<ApiKey[]>`
      insert into api_key (user_id, key_hash, hint, purpose, expires_at)
      values (${key.userId}, ${hashSecret(key.text)}, ${keyHint(key.text)}, ${key.purpose},
              coalesce(${at}::timestamptz, clock_timestamp() + make_interval(secs => ${afterSeconds}::float8)))
      returning ${columns(sql)}`,
  )
}

export async function countApiKeys(sql: Queryable, userId: number): Promise<number> {
  return only(await sql<{ keys: number }[]>`select count(*) as keys from api_key where user_id = ${userId}`).keys
}

/** A page of a user's keys, newest first, with the number of all that match. */
export async function listApiKeys(
  sql: Queryable,
  {
    userId,
    partialPurpose,
    skip,
    take,
  }: { userId: number; partialPurpose?: string | undefined; skip: number; take: number },
): Promise<{ keys: ApiKey[]; total: number }> {
  const matches = sql`user_id = ${userId} and (${partialPurpose === undefined} or strpos(lower(purpose), lower(${partialPurpose ?? ''})) > 0)`
  const { total } = only(await sql<{ total: number }[]>`select count(*) as total from api_key where ${matches}`)
  const keys = await sql<
    ApiKey[]
  >`select ${columns(sql)} from api_key where ${matches} order by id desc limit ${take} offset ${skip}`
  return { keys, total }
}

export async function findApiKey(sql: Queryable, userId: number, id: number): Promise<ApiKey | undefined> {
  const [key] = await sql<ApiKey[]>`select ${columns(sql)} from api_key where id = ${id} and user_id = ${userId}`
  return key
}

/** Deletes a key and returns what it was; undefined when it was gone. */
export async function deleteApiKey(sql: Queryable, userId: number, id: number): Promise<ApiKey | undefined> {
  const [key] = await sql<
    ApiKey[]
  >`delete from api_key where id = ${id} and user_id = ${userId} returning ${columns(sql)}`
  return key
}

interface KeyRow {
  keyId: number
  expiresAt: Date | null
  isUseOld: boolean
  id: number
  username: string
  displayName: string
  role: Role
  isService: boolean
  version: number
}

/** Who a key belongs to, when it and its user are still good. */
export async function findKeyOwner(
  sql: Queryable,
  keyHash: Buffer,
): Promise<{ user: CurrentUser; isUseOld: boolean } | undefined> {
  const [row] = await sql<KeyRow[]>`
    select k.id as "keyId", k.expires_at as "expiresAt", coalesce(k.last_used_at < clock_timestamp() - interval '1 minute', true) as "isUseOld",
           u.id, u.username, u.display_name as "displayName", u.role, u.is_service as "isService", u.version
    from api_key k join app_user u on u.id = k.user_id
    where k.key_hash = ${keyHash} and u.is_active and (k.expires_at is null or k.expires_at > clock_timestamp())`
  if (!row) return undefined
  const { keyId, expiresAt, isUseOld, ...user } = row
  return { user: { ...user, credential: { kind: 'key', id: keyId, expiresAt: expiresAt ?? undefined } }, isUseOld }
}

/** Notes when, from where and on which node a key was used; written at most once a minute. */
export async function touchApiKey(
  sql: Queryable,
  id: number,
  use: { address: string | undefined; node: string },
): Promise<void> {
  await sql`
    update api_key set last_used_at = clock_timestamp(), last_used_from = ${use.address ?? null}, last_used_node = ${use.node}
    where id = ${id} and (last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute')`
}
