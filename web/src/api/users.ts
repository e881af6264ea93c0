import { queryOptions } from '@tanstack/react-query'
import type { Action } from './action.ts'
import { ApiError } from './api-error.ts'
import { call, read } from './client.ts'
import type { ApiKey, NewApiKey, Page, User, UserPermissions } from './wire.ts'

/** Who is signed in, and what they may do. */
export interface Session {
  user: User
  permissions: ReadonlySet<string>
}

/** The session; null when nobody is signed in. */
export function sessionQuery() {
  return queryOptions({
    queryKey: ['session'],
    queryFn: ({ signal }) => readSession(signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** Reads who is signed in; null for nobody. */
export async function readSession(signal?: AbortSignal): Promise<Session | null> {
  const options = { on401: 'throw' as const, ...(signal ? { signal } : {}) }
  try {
    const user = await read<User>('/users/me', options)
    const { SpacePermissions, SystemPermissions } = await read<UserPermissions>(
      `/users/${user.Id}/permissions`,
      options,
    )
    return { user, permissions: new Set([...Object.keys(SpacePermissions), ...SystemPermissions]) }
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null
    throw error
  }
}

export interface Credentials {
  username: string
  password: string
  isRemembered: boolean
}

/** Starts a session. Throws `ApiError` with 401 for a wrong name or password, 429 after too many. */
export function signIn({ username, password, isRemembered }: Credentials): Promise<User> {
  return call('POST', '/users/login', {
    body: { Username: username, Password: password, RememberMe: isRemembered },
    on401: 'throw',
  })
}

/** Ends the session; that it has ended already is no error. */
export async function signOut(): Promise<void> {
  try {
    await call('POST', '/users/logout', { body: {}, on401: 'throw' })
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) throw error
  }
}

/** Changes one's own password. Other sessions of the user end, this one goes on. */
export const changePassword: Action<{ user: Pick<User, 'Id'>; current: string; next: string }, User> = {
  run: ({ user, current, next }) =>
    call('PUT', `/users/${user.Id}`, { body: { CurrentPassword: current, Password: next }, renewsSession: true }),
  done: () => 'Your password is changed. Your other sessions have ended.',
  topics: ['event'],
}

/** Ends every session of the user, this one included. */
export const endSessions: Action<{ user: Pick<User, 'Id'> }, true> = {
  async run({ user }) {
    await call('POST', `/users/${user.Id}/revoke-sessions`, { body: {} })
    return true
  },
  done: () => 'All your sessions have ended.',
  // Nobody is signed in afterwards who could read anything.
  topics: [],
}

/** The API keys of a user, newest first. */
export function apiKeysQuery(userId: string) {
  return queryOptions({
    queryKey: ['users', userId, 'api-keys'],
    queryFn: ({ signal }) => read<Page<ApiKey>>(`/users/${userId}/apikeys`, { query: { take: 500 }, signal }),
    refetchInterval: 10_000,
    meta: { topics: ['event'] },
  })
}

/** `expires`: an ISO date, null for no end, undefined for 180 days. The output's `ApiKey` is the key, shown this once. */
export const createApiKey: Action<{ user: Pick<User, 'Id'>; purpose: string; expires?: string | null }, NewApiKey> = {
  run: ({ user, purpose, expires }, _, key) =>
    call('POST', `/users/${user.Id}/apikeys`, { body: { Purpose: purpose, Expires: expires }, idempotencyKey: key }),
  done: ({ purpose }) => `The API key for “${purpose}” is made.`,
  topics: ['event'],
}

export const revokeApiKey: Action<{ apiKey: Pick<ApiKey, 'Id' | 'UserId' | 'Purpose'> }, unknown> = {
  run: ({ apiKey }) => call('DELETE', `/users/${apiKey.UserId}/apikeys/${apiKey.Id}`),
  done: ({ apiKey }) => `The API key for “${apiKey.Purpose}” is revoked.`,
  topics: ['event'],
}
