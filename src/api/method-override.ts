import type { IncomingMessage } from 'node:http'

const OVERRIDING = new Set(['PUT', 'DELETE', 'PATCH'])

/**
 * Makes a POST with `X-HTTP-Method-Override` the request it stands for, before it is routed: whole client libraries send
 * neither PUT nor DELETE.
 */
export function overrideMethod(request: IncomingMessage): void {
  const method = overridingMethod(request)
  if (request.method === 'POST' && method !== undefined && OVERRIDING.has(method)) request.method = method
}

/** An override that asks for something else than PUT, DELETE or PATCH, which must not be done as a POST either. */
export function unknownOverride(request: IncomingMessage): string | undefined {
  const method = overridingMethod(request)
  return request.method === 'POST' && method !== undefined && method !== 'POST' ? method : undefined
}

function overridingMethod(request: IncomingMessage): string | undefined {
  const header = request.headers['x-http-method-override']
  return typeof header === 'string' && header.trim() !== '' ? header.trim().toUpperCase() : undefined
}
