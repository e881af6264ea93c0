import type { Task } from '../../api/wire.ts'

export const SYNTAXES = ['Bash', 'Python', 'PowerShell'] as const
export type Syntax = (typeof SYNTAXES)[number]

export interface Variable {
  /** Of the row of the form. */
  key: number
  name: string
  value: string
}

/** What is typed into the form, as it is typed. */
export interface Draft {
  kind: string
  description: string
  syntax: Syntax
  script: string
  /** One argument a line. */
  scriptArguments: string
  variables: readonly Variable[]
  timeLimit: string
  expiry: string
  priority: string
  /** As an input of the type `datetime-local` has it. */
  queueTime: string
}

export const SCRIPT_KIND = 'AdHocScript'

export const EMPTY_DRAFT: Draft = {
  kind: SCRIPT_KIND,
  description: '',
  syntax: 'Bash',
  script: '',
  scriptArguments: '',
  variables: [],
  timeLimit: '',
  expiry: '',
  priority: '',
  queueTime: '',
}

type Known = Pick<Task, 'Name' | 'Description' | 'Arguments' | 'TimeLimit' | 'Priority'>

/** The draft of a task like that one, to be run now. A time limit is written as the form reads it. */
export function draftOf({ Name, Description, Arguments, TimeLimit, Priority }: Known): Draft {
  const given: Record<string, unknown> = isObject(Arguments) ? Arguments : {}
  const syntax = SYNTAXES.find((one) => one === given.Syntax) ?? 'Bash'
  const variables = isObject(given.EnvironmentVariables) ? Object.entries(given.EnvironmentVariables) : []
  return {
    ...EMPTY_DRAFT,
    kind: Name,
    description: Description === `Run a ${syntax} script on the server` ? '' : Description,
    syntax,
    script: typeof given.ScriptBody === 'string' ? given.ScriptBody : '',
    scriptArguments: Array.isArray(given.ScriptArguments) ? linesOf(given.ScriptArguments.map(String)) : '',
    variables: variables.map(([name, value], key) => ({ key, name, value: String(value) })),
    timeLimit: TimeLimit === null ? '' : durationOfTimeSpan(TimeLimit),
    priority: Priority === 0 ? '' : String(Priority),
  }
}

/** One a line. After an empty last one there is a further line break, since the last break of a text means nothing. */
function linesOf(texts: readonly string[]): string {
  return texts.join('\n') + (texts.at(-1) === '' ? '\n' : '')
}

/** `1.02:00:30` as `1d2h30s`; what is no time span as it is. */
export function durationOfTimeSpan(text: string): string {
  const found = /^(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(text)
  if (!found) return text
  const units = ['d', 'h', 'm', 's']
  const parts = found
    .slice(1)
    .map((amount, index) => (Number(amount ?? 0) > 0 ? `${Number(amount)}${units[index]}` : ''))
  return parts.join('')
}

/** A draft as it was stored; undefined for anything else. */
export function readDraft(text: string | null): Draft | undefined {
  if (text === null) return undefined
  try {
    const stored: unknown = JSON.parse(text)
    return isDraft(stored) ? stored : undefined
  } catch {
    return undefined
  }
}

function isDraft(value: unknown): value is Draft {
  if (!isObject(value)) return false
  const { variables, syntax } = value
  return (
    Object.entries(EMPTY_DRAFT).every(([name, empty]) => typeof value[name] === typeof empty) &&
    SYNTAXES.some((one) => one === syntax) &&
    Array.isArray(variables) &&
    variables.every((one) => isObject(one) && typeof one.name === 'string' && typeof one.value === 'string')
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
