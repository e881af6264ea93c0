import { z } from 'zod'
import type { Operation } from './operation.ts'
import { successStatus } from './operation.ts'

/** A description in the form of OpenAPI 3.1; loosely typed, since it is only ever written out. */
export interface OpenApi {
  openapi: '3.1.0'
  info: { title: string; version: string; description: string }
  servers: { url: string }[]
  paths: Record<string, object>
  components: object
  security: Record<string, string[]>[]
}

/** Describes every operation from its own schemas. Names no version of the product, since anybody may read it. */
export function describeApi(operations: readonly Operation[]): OpenApi {
  const paths: Record<string, object> = {}
  for (const operation of operations) {
    const path = `/api${operation.path.replaceAll(/:(\w+)(?:\([^)]*\))?/g, '{$1}')}`
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describeOperation(operation) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tako',
      version: '3.0.0',
      description:
        'The HTTP API of Tako in the wire format of Octopus Server. Paths, query parameters and body properties are read in any letter case, unknown properties are ignored. What belongs to a space also answers below /api/{spaceId} and /api/spaces/{spaceId}. A PUT or DELETE may be sent as POST with the header X-HTTP-Method-Override.',
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: {
        ApiKey: { type: 'apiKey', in: 'header', name: 'X-Octopus-ApiKey' },
        Bearer: { type: 'http', scheme: 'bearer' },
      },
      schemas: { Error: ERROR },
    },
    security: [{ ApiKey: [] }, { Bearer: [] }],
  }
}

const ERROR = {
  type: 'object',
  required: ['ErrorMessage'],
  properties: {
    ErrorMessage: { type: 'string', description: 'What is wrong, what state made it so, and what to do.' },
    Errors: { type: 'array', items: { type: 'string' }, description: 'Each fault in a sentence. Never with a 404.' },
    Details: { type: 'object' },
  },
}

function describeOperation(operation: Operation): Record<string, unknown> {
  const { summary, permission, method, path } = operation
  const access =
    permission === 'anonymous'
      ? 'Needs no login.'
      : permission === 'authenticated'
        ? 'For every user.'
        : `Needs the permission ${permission}.`
  return {
    operationId: operationId(method, path),
    summary,
    description: [operation.description, access].filter(Boolean).join('\n\n'),
    tags: [operation.tag ?? path.split('/').find((part) => part !== '') ?? 'root'],
    parameters: [...parameters(operation.params, 'path'), ...parameters(operation.query, 'query')],
    ...(operation.body ? { requestBody: { content: json(schemaOf(operation.body)) } } : {}),
    responses: answersOf(operation),
    ...(permission === 'anonymous' ? { security: [] } : {}),
  }
}

function operationId(method: string, path: string): string {
  const words = path.split(/[/\-:.]+/).filter((word) => word !== '')
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

function answersOf(operation: Operation): Record<string, unknown> {
  const answers = Object.entries(operation.answers ?? { [successStatus(undefined)]: 'Done.' })
  const described = answers.map(([status, answer]) => [
    status,
    typeof answer === 'string'
      ? { description: answer }
      : { description: 'The answer.', content: json(schemaOf(answer)) },
  ])
  return {
    ...Object.fromEntries(described),
    default: { description: 'Anything else.', content: json({ $ref: '#/components/schemas/Error' }) },
  }
}

function json(schema: unknown): Record<string, unknown> {
  return { 'application/json': { schema } }
}

interface JsonObject {
  properties?: Record<string, { description?: string }>
  required?: string[]
}

function parameters(schema: z.ZodType | undefined, place: 'path' | 'query'): unknown[] {
  if (!schema) return []
  const { properties = {}, required = [] } = schemaOf(schema) as JsonObject
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }))
}

function schemaOf(schema: z.ZodType): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}
