import type { z } from 'zod'

/** Where input came from: JSON has types, text from a path or query has none. */
export type InputForm = 'json' | 'text'

/**
 * Brings input into the form its schema declares: names in any case become the declared ones, unknown ones go, nulls of
 * optional fields that may not be null go, and scalars are read from their text. What does not fit stays as it is, for the
 * schema to complain about.
 */
export function fitInput(schema: z.core.$ZodType, value: unknown, form: InputForm): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return fitInput(def.innerType, value, form)
    case 'pipe':
      return fitInput((def.in as z.core.$ZodTypes)._zod.def.type === 'transform' ? def.out : def.in, value, form)
    case 'lazy':
      return fitInput(def.getter(), value, form)
    case 'object':
      return fitObject(def, value, form)
    case 'array':
      return fitArray(def.element, value, form)
    case 'record':
      return isPlainObject(value) ? fitRecord(def.valueType, value, form) : value
    case 'union':
      return fitUnion(def.options, value, form)
    default:
      return fitScalar(def, form === 'text' && Array.isArray(value) ? value.at(-1) : value)
  }
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fitObject(def: z.core.$ZodObjectDef, value: unknown, form: InputForm): unknown {
  if (!isPlainObject(value)) return value
  const given = gatherByDeclaredName(def, value, form)
  const fitted: Record<string, unknown> = {}
  for (const [name, entry] of given) {
    const field = def.shape[name]
    if (!field || isAbsent(field, entry, form)) continue
    fitted[name] = fitInput(field, entry, form)
  }
  return fitted
}

/** The entries under their declared names. The exact spelling wins over others; text repeated in other spellings is gathered. */
function gatherByDeclaredName(
  def: z.core.$ZodObjectDef,
  value: Record<string, unknown>,
  form: InputForm,
): Map<string, unknown> {
  const names = declaredNames(def)
  const given = new Map<string, unknown>()
  for (const [spelling, entry] of Object.entries(value)) {
    const name = names.get(spelling.toLowerCase())
    if (name === undefined) continue
    if (!given.has(name) || (form === 'json' && spelling === name)) given.set(name, entry)
    else if (form === 'text') given.set(name, [given.get(name), entry].flat())
  }
  return given
}

const namesOfShape = new WeakMap<z.core.$ZodObjectDef, Map<string, string>>()

function declaredNames(def: z.core.$ZodObjectDef): Map<string, string> {
  const known = namesOfShape.get(def)
  if (known) return known
  const names = new Map(Object.keys(def.shape).map((name) => [name.toLowerCase(), name]))
  namesOfShape.set(def, names)
  return names
}

/** A null stands for nothing where the field may be left out and knows no null; in text so does nothing after the `=`. */
function isAbsent(field: z.core.$ZodType, entry: unknown, form: InputForm): boolean {
  if (form === 'text') return entry === '' || (Array.isArray(entry) && entry.every((part) => part === ''))
  return entry === null && field._zod.optin === 'optional' && !acceptsNull(field)
}

function acceptsNull(schema: z.core.$ZodType): boolean {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'nullable':
    case 'null':
    case 'any':
    case 'unknown':
      return true
    case 'optional':
    case 'default':
    case 'prefault':
    case 'readonly':
    case 'catch':
      return acceptsNull(def.innerType)
    case 'pipe':
      return acceptsNull(def.in)
    case 'union':
      return def.options.some(acceptsNull)
    default:
      return false
  }
}

function fitArray(element: z.core.$ZodType, value: unknown, form: InputForm): unknown {
  const list = form === 'text' && !Array.isArray(value) ? [value] : value
  return Array.isArray(list) ? list.map((entry) => fitInput(element, entry, form)) : list
}

function fitRecord(valueType: z.core.$ZodType, value: Record<string, unknown>, form: InputForm): unknown {
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, fitInput(valueType, entry, form)]))
}

/** Only an object among the choices needs its names; scalars of a union are left for the union to tell apart. */
function fitUnion(options: readonly z.core.$ZodType[], value: unknown, form: InputForm): unknown {
  const objects = options.filter((option) => (option as z.core.$ZodTypes)._zod.def.type === 'object')
  const [only] = objects
  return isPlainObject(value) && only && objects.length === 1 ? fitInput(only, value, form) : value
}

function fitScalar(def: z.core.$ZodTypes['_zod']['def'], value: unknown): unknown {
  if (typeof value !== 'string') return value
  const text = value.trim()
  if (def.type === 'number' && /^[+-]?\d{1,20}(\.\d{1,20})?$/.test(text)) return Number(text)
  if (def.type === 'boolean' && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  if (def.type === 'enum') return sameWord(Object.values(def.entries), text) ?? value
  if (def.type === 'literal') return sameWord(def.values, text) ?? value
  return value
}

function sameWord(words: readonly unknown[], text: string): unknown {
  return words.find((word) => typeof word === 'string' && word.toLowerCase() === text.toLowerCase())
}
