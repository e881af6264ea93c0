import type { CookieSerializeOptions } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type NewSession, rememberedLife } from '../identity/sessions.ts'

function tokenName(installationId: string): string {
  return `OctopusIdentificationToken_${installationId}`
}

function csrfName(installationId: string): string {
  return `Octopus-Csrf-Token_${installationId}`
}

/** The session's secret that the request brings; undefined when there is none. */
export function sessionCookie(request: FastifyRequest, installationId: string): string | undefined {
  return request.cookies[tokenName(installationId)] || undefined
}

/**
 * Hands a new session to the browser: its secret out of the reach of scripts, the CSRF token within. Strict, since some
 * GETs of the wire format change something.
 */
export function setSessionCookies(
  request: FastifyRequest,
  reply: FastifyReply,
  installationId: string,
  session: NewSession,
): void {
  const options = cookieOptions(request, session.life === rememberedLife ? session.life.absoluteMs / 1000 : undefined)
  reply.setCookie(tokenName(installationId), session.token, { ...options, httpOnly: true })
  reply.setCookie(csrfName(installationId), session.csrfToken, options)
}

/** Takes both away. */
export function clearSessionCookies(request: FastifyRequest, reply: FastifyReply, installationId: string): void {
  const options = cookieOptions(request, undefined)
  reply.clearCookie(tokenName(installationId), { ...options, httpOnly: true })
  reply.clearCookie(csrfName(installationId), options)
}

function cookieOptions(request: FastifyRequest, maxAgeSeconds: number | undefined): CookieSerializeOptions {
  return {
    path: '/',
    sameSite: 'strict',
    secure: request.protocol === 'https',
    ...(maxAgeSeconds === undefined ? {} : { maxAge: maxAgeSeconds }),
  }
}
