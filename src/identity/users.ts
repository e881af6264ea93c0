import type { Queryable } from '../database/connect.ts'
import { only } from '../lib/must.ts'
import type { Role } from './permissions.ts'

/** A user as it is kept, without the password's hash. */
export interface User {
  id: number
  username: string
  displayName: string
  email: string | null
  role: Role
  isActive: boolean
  isService: boolean
  hasPassword: boolean
  createdAt: Date
  version: number
}

export interface NewUser {
  username: string
  displayName: string
  email: string | null
  role: Role
  isActive: boolean
  isService: boolean
  passwordHash: string | null
}

/** What may be changed of a user; what is absent stays. */
export type UserChange = Partial<Omit<NewUser, 'isService'>>

/** `Users-7`. */
export function userIdText(id: number): string {
  return `Users-${id}`
}

function columns(sql: Queryable) {
  return sql`id, username, display_name as "displayName", email, role, is_active as "isActive", is_service as "isService",
             password_hash is not null as "hasPassword", created_at as "createdAt", version`
}

export async function findUser(sql: Queryable, id: number): Promise<User | undefined> {
  const [user] = await sql<User[]>`select ${columns(sql)} from app_user where id = ${id}`
  return user
}

/** The same, and no other transaction changes the row until this one ends. */
export async function lockUser(sql: Queryable, id: number): Promise<User | undefined> {
  const [user] = await sql<User[]>`select ${columns(sql)} from app_user where id = ${id} for update`
  return user
}

export interface UserFilter {
  ids?: readonly number[] | undefined
  /** Part of the user name or display name, in any letter case. */
  filter?: string | undefined
  skip: number
  take: number
}

/** A page of users by name, with the number of all that match. */
export async function listUsers(
  sql: Queryable,
  { ids, filter, skip, take }: UserFilter,
): Promise<{ users: User[]; total: number }> {
  const matches = sql`
    (${ids === undefined} or id = any(${sql.array([...(ids ?? [])], 1016)}))
    and (${filter === undefined} or strpos(lower(username), lower(${filter ?? ''})) > 0 or strpos(lower(display_name), lower(${filter ?? ''})) > 0)`
  const { total } = only(await sql<{ total: number }[]>`select count(*) as total from app_user where ${matches}`)
  const users = await sql<User[]>`
    select ${columns(sql)} from app_user where ${matches} order by lower(username), id limit ${take} offset ${skip}`
  return { users, total }
}

/** Inserts a user; undefined when the name is taken, in whatever letter case. */
export async function insertUser(sql: Queryable, user: NewUser): Promise<User | undefined> {
  const [inserted] = await sql<User[]>`
    insert into app_user (username, display_name, email, role, is_active, is_service, password_hash)
    values (${user.username}, ${user.displayName}, ${user.email}, ${user.role}, ${user.isActive}, ${user.isService}, ${user.passwordHash})
    on conflict do nothing
    returning ${columns(sql)}`
  return inserted
}

/** Changes a user and raises its version. Throws PostgreSQL's 23505 when the new name is taken. */
export async function updateUser(sql: Queryable, id: number, change: UserChange): Promise<User> {
  return only(
    await sql<User[]>`
      update app_user set
        username = coalesce(${change.username ?? null}, username),
        display_name = coalesce(${change.displayName ?? null}, display_name),
        email = case when ${change.email !== undefined} then ${change.email ?? null} else email end,
        role = coalesce(${change.role ?? null}, role),
        is_active = coalesce(${change.isActive ?? null}, is_active),
        password_hash = coalesce(${change.passwordHash ?? null}, password_hash),
        version = version + 1
      where id = ${id} returning ${columns(sql)}`,
  )
}

/** Deletes a user with its sessions and keys. */
export async function deleteUser(sql: Queryable, id: number): Promise<void> {
  await sql`delete from app_user where id = ${id}`
}

/**
 * How many can administer the system and log in, counted under a lock on their rows, so that two requests cannot each take
 * away what the other relies on.
 */
export async function countAdministrators(sql: Queryable): Promise<number> {
  const rows = await sql`
    select id from app_user where role = 'administrator' and is_active and not is_service order by id for update`
  return rows.length
}

export interface PasswordOfUser {
  id: number
  username: string
  passwordHash: string | null
  isActive: boolean
  isService: boolean
}

export async function findPassword(sql: Queryable, username: string): Promise<PasswordOfUser | undefined> {
  const [row] = await sql<PasswordOfUser[]>`
    select id, username, password_hash as "passwordHash", is_active as "isActive", is_service as "isService" from app_user where lower(username) = lower(${username})`
  return row
}

/** Replaces a hash by one of the same password at today's cost, unless the password was changed meanwhile. */
export async function replacePasswordHash(sql: Queryable, id: number, from: string, to: string): Promise<void> {
  await sql`update app_user set password_hash = ${to} where id = ${id} and password_hash = ${from}`
}
