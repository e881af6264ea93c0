import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Actor } from '../identity/actor.ts'
import type { CurrentUser } from '../identity/current-user.ts'
import type { Permission } from '../identity/permissions.ts'
import type { ApiContext } from './context.ts'
import { readInput } from './input.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH'

/**
 * Below which of the three prefixes an operation answers. `server`: only `/api/x`. `space` and `mixed`: also `/api/{s}/x`
 * and `/api/spaces/{s}/x`; without a space in the path a `space` operation means the default space, a `mixed` one every
 * space and the system (`space` is then undefined).
 */
type Scope = 'server' | 'space' | 'mixed'

/** A permission, or `authenticated` for anybody who is known, or `anonymous`. */
export type Access = Permission | 'authenticated' | 'anonymous'

/** What an operation answers, by status: a schema, or a sentence where the body is none or not JSON. For the documentation. */
export type Answers = Readonly<Record<number, z.ZodType | string>>

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : Record<string, never>

interface OperationInput<Params, Query, Body, May extends Access = Access> {
  readonly params: Parsed<Params>
  readonly query: Parsed<Query>
  readonly body: Parsed<Body>
  /** Who asks; undefined only for an anonymous operation. */
  readonly user: May extends 'anonymous' ? CurrentUser | undefined : CurrentUser
  /** The same for the audit trail, with address, user agent and node. */
  readonly actor: Actor
  /** The space the path names, the default space for a `space` operation without one; otherwise undefined. */
  readonly space: string | undefined
  readonly context: ApiContext
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

export interface OperationDefinition<Params, Query, Body, May extends Access> {
  readonly method: Method
  /** Below `/api`, such as `/tasks/{id}/cancel`; `:id` is read as well. Letter case and a trailing slash do not matter in requests. */
  readonly path: string
  readonly scope: Scope
  readonly permission: May
  /** One line for lists of operations. */
  readonly summary: string
  readonly description?: string
  /** The heading under which the documentation lists it; by default the path's first word. */
  readonly tag?: string
  /** Text from the path: scalars are read from their text. */
  readonly params?: Params
  /** Names in any case, unknown ones ignored, empty values absent. */
  readonly query?: Query
  /** Names in any case, unknown ones ignored, null absent unless the field is nullable. */
  readonly body?: Body
  /** The lowest 2xx status here is what a plain result is sent with; 200 when there is none. */
  readonly answers?: Answers
  /** The most bytes of a body; 8 MiB unless told. */
  readonly bodyLimit?: number
  /** A GET that changes something: held to the rules of a POST when it comes with a session cookie, and HEAD is not answered. */
  readonly changes?: boolean
  /** For answers that go on for long, such as a stream: how long the handler may take, in ms; 0 is without end, and then HEAD is not answered. */
  readonly timeoutMs?: number
  /**
   * Does it and returns the body: sent as JSON, or as it is when it is a string or Buffer with a content type set on the
   * reply; undefined sends an empty answer. Return `reply` after having sent or hijacked it.
   */
  readonly handle: (input: OperationInput<Params, Query, Body, May>) => Promise<unknown>
}

/** An operation with the types of its input closed over. */
export interface Operation extends Omit<OperationDefinition<z.ZodType, z.ZodType, z.ZodType, Access>, 'handle'> {
  /** Checks the input against the schemas and handles it; throws a `Refusal` for input that does not fit. */
  readonly run: (base: OperationBase) => Promise<unknown>
}

/** What the transport knows of a request before its input is read. */
export type OperationBase = Omit<OperationInput<unknown, unknown, unknown>, 'params' | 'query' | 'body'>

/**
 * Declares one operation: method, path, who may, what it reads and answers, and what it does. Collected by
 * `registerOperations`, and described from the same schemas in `/api/openapi.json`.
 */
export function operation<
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  const May extends Access = Access,
>(definition: OperationDefinition<Params, Query, Body, May>): Operation {
  const { handle, params, query, body, ...rest } = definition
  return {
    ...rest,
    ...(params ? { params } : {}),
    ...(query ? { query } : {}),
    ...(body ? { body } : {}),
    path: definition.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    run: (base) =>
      handle({
        ...base,
        params: readInput(params, base.request.params, 'path'),
        query: readInput(query, base.request.query, 'query'),
        body: readInput(body, base.request.body, 'body'),
      } as OperationInput<Params, Query, Body, May>),
  }
}

/** The status a plain result is sent with. */
export function successStatus(answers: Answers | undefined): number {
  const good = Object.keys(answers ?? {})
    .map(Number)
    .filter((status) => status >= 200 && status < 300)
  return good.length === 0 ? 200 : Math.min(...good)
}
