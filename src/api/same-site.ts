import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { CurrentUser } from '../identity/current-user.ts'
import { hashSecret } from '../identity/secrets.ts'
import { Refusal } from '../lib/errors.ts'

/**
 * Refuses a changing request that a page of another site made a browser send. The browser's own word decides where it gives
 * it; otherwise the origin must be the host that was asked. Programs send neither.
 */
export function refuseOtherSites(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site']
  if (typeof site === 'string' ? site === 'same-origin' || site === 'none' : isOwnOrigin(request)) return
  throw new Refusal(
    'Forbidden',
    'This request was made by a page of another site, and a change is only accepted from the own pages.',
  )
}

function isOwnOrigin(request: FastifyRequest): boolean {
  const { origin } = request.headers
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === request.host.toLowerCase()
}

/** Refuses a change by session cookie that does not also show the session's CSRF token, which only the own pages can read. */
export function requireCsrfToken(request: FastifyRequest, user: CurrentUser): void {
  const { credential } = user
  if (credential.kind !== 'session') return
  const token = request.headers['x-octopus-csrf-token']
  const shown = hashSecret(typeof token === 'string' ? token : '')
  if (timingSafeEqual(shown, credential.csrfHash)) return
  throw new Refusal(
    'Forbidden',
    'A change by session needs the header X-Octopus-Csrf-Token with the value of the cookie Octopus-Csrf-Token of the same login.',
  )
}
