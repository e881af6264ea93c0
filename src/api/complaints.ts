import { z } from 'zod'

/** For a schema's parse: words a fault of a number with all that is expected of the number, which the fault alone does not say. */
export function wordNumbers(issue: z.core.$ZodRawIssue): string | undefined {
  const { schema } = issue
  if (!(schema instanceof z.ZodNumber)) return undefined
  const bounds = [bound('from', schema.minValue), bound('to', schema.maxValue)].filter((part) => part !== '')
  const expected = [schema.isInt ? 'a whole number' : 'a number', ...bounds].join(' ')
  return issue.input === undefined
    ? `is missing: ${expected} is expected.`
    : `must be ${expected}, not ${described(issue.input)}.`
}

function bound(word: string, limit: number | null): string {
  return limit === null || Math.abs(limit) >= Number.MAX_SAFE_INTEGER ? '' : `${word} ${limit}`
}

/** A sentence for each thing a schema found wrong: the field's name as declared, what is expected, and what came. */
export function complaints(error: z.core.$ZodError, whole: string): string[] {
  return error.issues.map((issue) => complaint(issue, fieldName(issue.path, whole)))
}

/** `Arguments.Names[2]`. */
function fieldName(path: readonly PropertyKey[], whole: string): string {
  if (path.length === 0) return whole
  return path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${String(part)}`))
    .join('')
}

function complaint(issue: z.core.$ZodIssue, field: string): string {
  if (/^(must|is|has|needs) /.test(issue.message)) return `${field} ${issue.message}`
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? `${field} is missing: ${kindOf(issue.expected)} is expected.`
        : `${field} must be ${kindOf(issue.expected)}, not ${described(issue.input)}.`
    case 'too_small':
      return `${field} must ${boundOf(issue.origin, issue.minimum, issue.inclusive === false ? 'more than' : 'at least')}.`
    case 'too_big':
      return `${field} must ${boundOf(issue.origin, issue.maximum, issue.inclusive === false ? 'less than' : 'at most')}.`
    case 'invalid_value':
      return `${field} must be one of ${issue.values.map(String).join(', ')}, not ${described(issue.input)}.`
    case 'invalid_format':
      return `${field} is not written as it must be (${issue.format}).`
    case 'invalid_union':
      return complaintOfUnion(issue, field)
    default:
      return `${field}: ${issue.message}`
  }
}

function complaintOfUnion(issue: z.core.$ZodIssueInvalidUnion, field: string): string {
  const kinds = issue.errors.flatMap((choice) =>
    choice.flatMap((part) => (part.code === 'invalid_type' && part.path.length === 0 ? [kindOf(part.expected)] : [])),
  )
  return kinds.length > 0
    ? `${field} must be ${[...new Set(kinds)].join(' or ')}, not ${described(issue.input)}.`
    : `${field} does not fit any of the forms it may have.`
}

const KINDS: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}

function kindOf(expected: string): string {
  return KINDS[expected] ?? expected
}

/** What came, briefly. Texts are shown only in part, and never those of a field that could hold a secret: a secret is a text where a text is expected. */
function described(input: unknown): string {
  if (input === undefined) return 'nothing'
  if (input === null) return 'null'
  if (Array.isArray(input)) return 'a list'
  if (typeof input === 'object') return 'an object'
  if (typeof input === 'string')
    return input === '' ? 'an empty text' : `the text "${input.slice(0, 40)}${input.length > 40 ? '…' : ''}"`
  return String(input)
}

function boundOf(origin: string, bound: number | bigint, word: string): string {
  if (origin === 'string')
    return bound === 1 && word === 'at least' ? 'not be empty' : `have ${word} ${bound} characters`
  if (origin === 'array') return `have ${word} ${bound} entries`
  return `be ${word} ${bound}`
}
