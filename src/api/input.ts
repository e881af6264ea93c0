import type { z } from 'zod'
import { Refusal } from '../lib/errors.ts'
import { cleanText } from '../lib/text.ts'
import { complaints, wordNumbers } from './complaints.ts'
import { fitInput, isPlainObject } from './fit.ts'

export type InputPart = 'path' | 'query' | 'body'

const WHOLE: Record<InputPart, string> = { path: 'The path', query: 'The query', body: 'The body' }

/**
 * Reads one part of a request by its schema. A body that is absent or null counts as `{}`. Throws a `Refusal` BadRequest
 * with a sentence for each fault. Texts come out free of what PostgreSQL refuses.
 */
export function readInput(schema: z.ZodType | undefined, raw: unknown, part: InputPart): unknown {
  if (!schema) return {}
  const fitted = fitInput(schema, raw ?? {}, part === 'body' ? 'json' : 'text')
  const result = schema.safeParse(fitted, { reportInput: true, error: wordNumbers })
  if (result.success) return cleaned(result.data)
  const faults = complaints(result.error, WHOLE[part])
  throw new Refusal(
    'BadRequest',
    faults.length === 1 ? String(faults[0]) : `The ${part} has ${faults.length} faults.`,
    { errors: faults },
  )
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value)
  if (Array.isArray(value)) return value.map(cleaned)
  if (!isPlainObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [cleanText(name), cleaned(entry)]))
}

/** Deeper than this no request of ours is; much deeper ones would overflow the stack of whoever walks them. */
const DEEPEST = 64

/** Parses a body as JSON whatever its content type says; nothing, white space and a byte order mark alone count as no body. */
export function parseBody(text: string): unknown {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text
  if (json.trim() === '') return undefined
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    throw new Refusal(
      'BadRequest',
      'The body is not JSON. Send an object such as {"Name": "value"}, or no body at all.',
      { cause: error },
    )
  }
  if (isDeeperThan(value, DEEPEST))
    throw new Refusal('BadRequest', `The body is nested more than ${DEEPEST} levels deep.`)
  return value
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((entry) => isDeeperThan(entry, levels - 1))
}
