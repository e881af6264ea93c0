import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { type CurrentUser, requirePermission } from '../identity/current-user.ts'
import { SECOND } from '../lib/clock.ts'
import { Refusal } from '../lib/errors.ts'
import { actorOf, authenticate } from './authentication.ts'
import type { ApiContext } from './context.ts'
import { type Operation, type OperationBase, successStatus } from './operation.ts'
import { refuseOtherSites, requireCsrfToken } from './same-site.ts'
import { DEFAULT_SPACE, SPACE_ID_SEGMENT, spaceOfIdentifier } from './spaces.ts'

/** An operation that takes longer is answered with 503; what it does may still come about. */
const ANSWER_WITHIN_MS = 30 * SECOND

/** The paths below which an operation answers. */
export function pathsOf(operation: Operation): string[] {
  const server = `/api${operation.path}`
  return operation.scope === 'server'
    ? [server]
    : [server, `/api/${SPACE_ID_SEGMENT}${operation.path}`, `/api/spaces/:space${operation.path}`]
}

/** Registers every operation under each of its paths, and 405 for the methods that a path does not know. */
export function registerOperations(app: FastifyInstance, operations: readonly Operation[], context: ApiContext): void {
  const callers = new WeakMap<FastifyRequest, CurrentUser>()
  for (const operation of operations) {
    for (const url of pathsOf(operation)) {
      app.route({
        method: operation.method,
        url,
        exposeHeadRoute: answersHead(operation),
        ...(operation.bodyLimit === undefined ? {} : { bodyLimit: operation.bodyLimit }),
        onRequest: async (request) => {
          const user = await admit(operation, request, context)
          if (user) callers.set(request, user)
        },
        handler: (request, reply) => answer(operation, callers.get(request), request, reply, context),
      })
    }
  }
  registerOtherMethods(app, operations)
}

/** HEAD does all that GET does but for sending the body: not for what would go on for ever, nor for what changes something. */
function answersHead({ method, timeoutMs, changes }: Operation): boolean {
  return method === 'GET' && timeoutMs !== 0 && changes !== true
}

/** Lets the request in, or refuses it before its body is read. */
async function admit(
  operation: Operation,
  request: FastifyRequest,
  context: ApiContext,
): Promise<CurrentUser | undefined> {
  const changes = operation.changes ?? operation.method !== 'GET'
  if (operation.permission === 'anonymous') {
    if (changes) refuseOtherSites(request)
    return undefined
  }
  const user = await authenticate(request, context)
  if (!user) {
    throw new Refusal(
      'Unauthenticated',
      'You are not logged in. Log in, or send an API key in the header X-Octopus-ApiKey.',
    )
  }
  if (changes && user.credential.kind === 'session') {
    refuseOtherSites(request)
    requireCsrfToken(request, user)
  }
  if (operation.permission !== 'authenticated') requirePermission(user, operation.permission)
  return user
}

async function answer(
  operation: Operation,
  user: CurrentUser | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
  context: ApiContext,
): Promise<FastifyReply> {
  const base: OperationBase = {
    user: user as CurrentUser,
    actor: actorOf(user, request, context),
    space: spaceOf(operation, request),
    context,
    request,
    reply,
  }
  reply.code(successStatus(operation.answers)).header('cache-control', 'no-store')
  const result = await within(operation.timeoutMs ?? ANSWER_WITHIN_MS, operation.run(base))
  return result === reply || reply.sent ? reply : reply.send(result)
}

function spaceOf(operation: Operation, request: FastifyRequest): string | undefined {
  const { space } = request.params as { space?: string }
  if (space !== undefined) return spaceOfIdentifier(space)
  return operation.scope === 'space' ? DEFAULT_SPACE : undefined
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  if (ms === 0) return work
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        new Refusal(
          'Unavailable',
          `This took longer than ${ms / SECOND} s and is no longer waited for; it may still be done. Look before you repeat it.`,
        ),
      )
    }, ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const

function registerOtherMethods(app: FastifyInstance, operations: readonly Operation[]): void {
  for (const siblings of byPath(operations)) {
    const known = new Set<HTTPMethods>(siblings.map((operation) => operation.method))
    if (siblings.some(answersHead)) known.add('HEAD')
    const allowed = [...known].sort().join(', ')
    for (const url of siblings[0] ? pathsOf(siblings[0]) : []) {
      app.route({
        method: METHODS.filter((method) => !known.has(method)),
        url,
        exposeHeadRoute: false,
        onRequest: async (request) => {
          throw new Refusal('MethodNotAllowed', `${request.method} is not possible here; ${allowed} is.`, {
            details: { Allow: allowed },
          })
        },
        handler: async () => undefined,
      })
    }
  }
}

/** Operations that share a path; the names of its parameters make no difference to the router. */
function byPath(operations: readonly Operation[]): Iterable<Operation[]> {
  const groups = new Map<string, Operation[]>()
  for (const operation of operations) {
    const shape = operation.path.replaceAll(/:\w+/g, ':x').toLowerCase()
    groups.set(shape, [...(groups.get(shape) ?? []), operation])
  }
  return groups.values()
}
