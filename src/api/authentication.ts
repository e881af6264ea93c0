import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import type { Actor } from '../identity/actor.ts'
import { type CurrentUser, establishedWith } from '../identity/current-user.ts'
import { isApiKey } from '../identity/secrets.ts'
import { checkThrottle, countFailure, keyCounter } from '../identity/throttle.ts'
import { Refusal } from '../lib/errors.ts'
import type { ApiContext } from './context.ts'
import { sessionCookie } from './cookies.ts'

/**
 * Who asks: by API key (`X-Octopus-ApiKey`, `Authorization: Bearer`, `X-NuGet-ApiKey` or `?apikey=`, an empty one counting
 * as none) or by session cookie. Undefined for who shows nothing; a key that is not good is refused with 401, and with 429
 * after too many of them.
 */
export async function authenticate(request: FastifyRequest, context: ApiContext): Promise<CurrentUser | undefined> {
  const key = givenKey(request)
  if (key !== undefined) return (await userOfKey(key, request, context)) ?? refuseKey(request, context)
  const text = sessionCookie(request, context.installationId)
  return text === undefined
    ? undefined
    : context.identity.identify({ kind: 'session', text, address: addressOf(request) })
}

/**
 * The caller's address: what a trusted proxy in front says of it, when that is an address (some add a port), and otherwise
 * the address of the connection.
 */
export function addressOf(request: FastifyRequest): string {
  const told = request.ip?.replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1') ?? ''
  return isIP(told) === 0 ? (request.socket.remoteAddress ?? '') : told
}

/** The same person for the audit trail. */
export function actorOf(user: CurrentUser | undefined, request: FastifyRequest, context: ApiContext): Actor {
  const userAgent = request.headers['user-agent']
  return {
    userId: user?.id,
    username: user?.username ?? 'anonymous',
    establishedWith: user ? establishedWith(user.credential) : 'nothing',
    address: addressOf(request),
    ...(userAgent === undefined ? {} : { userAgent }),
    node: context.node.name,
  }
}

function givenKey(request: FastifyRequest): string | undefined {
  const { headers } = request
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1]
  const given = [headers['x-octopus-apikey'], bearer, headers['x-nuget-apikey'], queryKey(request.query)]
  return given
    .flat()
    .find((text) => text !== undefined && text.trim() !== '')
    ?.trim()
}

function queryKey(query: unknown): string | undefined {
  const entries = Object.entries((query ?? {}) as Record<string, unknown>)
  const [, value] = entries.find(([name]) => name.toLowerCase() === 'apikey') ?? []
  return typeof value === 'string' ? value : undefined
}

function userOfKey(text: string, request: FastifyRequest, context: ApiContext): Promise<CurrentUser | undefined> {
  return isApiKey(text)
    ? context.identity.identify({ kind: 'key', text, address: addressOf(request) })
    : Promise.resolve(undefined)
}

/** A good key is never held up by the bad ones that others send from the same address; only failures are counted and refused. */
async function refuseKey(request: FastifyRequest, { sql, identity }: ApiContext): Promise<never> {
  const counters = [keyCounter(identity.limits, addressOf(request))]
  await checkThrottle(sql, counters)
  await countFailure(sql, identity.limits, counters)
  throw new Refusal(
    'Unauthenticated',
    'The API key is not valid: it is mistyped, has expired or was revoked, or its user is not active.',
  )
}
