import type { NewTask } from '../../api/tasks.ts'
import { dateOfLocalTime } from '../shared/local-time.ts'
import { type Draft, SCRIPT_KIND } from './draft.ts'

type Field =
  | 'kind'
  | 'script'
  | 'syntax'
  | 'scriptArguments'
  | 'variables'
  | 'timeLimit'
  | 'expiry'
  | 'priority'
  | 'queueTime'
  | 'description'

/** What is wrong with each field, in sentences. */
export type Faults = Partial<Record<Field, string>>

const DURATION = /^\s*(\d+(\.\d+)?|(\d+(\.\d+)?(ms|s|m|h|d))+)\s*$/i
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,199}$/

/** What can be told before asking the server. Times that have passed are no fault: the server starts the task at once. */
export function faultsOf(draft: Draft): Faults {
  const faults: Faults = {}
  if (draft.kind === SCRIPT_KIND) {
    if (draft.script.trim() === '') faults.script = 'The script is empty. Write what is to be run.'
    const variables = faultOfVariables(draft)
    if (variables) faults.variables = variables
  }
  for (const field of ['timeLimit', 'expiry'] as const) {
    const fault = faultOfDuration(draft[field])
    if (fault) faults[field] = fault
  }
  if (draft.priority.trim() !== '' && !isPriority(Number(draft.priority))) {
    faults.priority = 'Give a whole number from -100 to 100.'
  }
  return faults
}

function faultOfDuration(text: string): string | undefined {
  if (text.trim() === '') return undefined
  if (!DURATION.test(text)) return 'Give a duration such as 90s, 30m or 1h30m.'
  return /[1-9]/.test(text) ? undefined : 'Give a duration above 0.'
}

function isPriority(value: number): boolean {
  return Number.isInteger(value) && value >= -100 && value <= 100
}

function faultOfVariables({ variables }: Draft): string | undefined {
  const named = variables.filter(({ name, value }) => name !== '' || value !== '')
  const names = named.map(({ name }) => name)
  if (names.includes('')) return 'A variable has a value but no name.'
  const wrong = names.find((name) => !VARIABLE.test(name))
  if (wrong !== undefined)
    return `“${wrong}” is no name for a variable: use letters, digits and underscores, no digit first.`
  const reserved = names.find((name) => name.toUpperCase().startsWith('TAKO_'))
  if (reserved !== undefined) return `${reserved} is reserved: names that begin with TAKO_ are set by the server.`
  const double = names.find((name, index) => names.indexOf(name) !== index)
  return double === undefined ? undefined : `${double} is there twice.`
}

/** The body of the request. */
export function requestOf(draft: Draft): NewTask {
  const { kind, description, timeLimit, expiry, priority, queueTime } = draft
  const at = dateOfLocalTime(queueTime)
  return {
    Name: kind,
    ...(description.trim() === '' ? {} : { Description: description.trim() }),
    ...(kind === SCRIPT_KIND ? { Arguments: scriptArgumentsOf(draft) } : {}),
    ...(timeLimit.trim() === '' ? {} : { TimeLimit: timeLimit.trim() }),
    ...(expiry.trim() === '' ? {} : { QueueTimeExpiry: expiry.trim() }),
    ...(priority.trim() === '' ? {} : { Priority: Number(priority) }),
    ...(at === undefined ? {} : { QueueTime: at }),
  }
}

function scriptArgumentsOf({ script, syntax, scriptArguments, variables }: Draft): Record<string, unknown> {
  const named = variables.filter(({ name }) => name !== '')
  return {
    ScriptBody: script,
    Syntax: syntax,
    TargetType: 'OctopusServer',
    ...(scriptArguments === '' ? {} : { ScriptArguments: linesOf(scriptArguments) }),
    ...(named.length === 0
      ? {}
      : { EnvironmentVariables: Object.fromEntries(named.map(({ name, value }) => [name, value])) }),
  }
}

/** One argument a line; a line break at the end begins no further argument. */
function linesOf(text: string): string[] {
  return text.replace(/\r?\n$/, '').split(/\r?\n/)
}

/** The field of the form for each of the request's, by the word that the server's sentence begins with. */
const FIELDS: Readonly<Record<string, Field>> = {
  Name: 'kind',
  Description: 'description',
  ScriptBody: 'script',
  Syntax: 'syntax',
  ScriptArguments: 'scriptArguments',
  EnvironmentVariables: 'variables',
  TimeLimit: 'timeLimit',
  QueueTimeExpiry: 'expiry',
  QueueTime: 'queueTime',
  Priority: 'priority',
}

/** The server's sentences beside the fields they are about, and those that are about none. */
export function faultsOfSentences(sentences: readonly string[]): { faults: Faults; others: string[] } {
  const faults: Faults = {}
  const others: string[] = []
  for (const sentence of sentences) {
    const field = FIELDS[/^\w+/.exec(sentence)?.[0] ?? '']
    if (field === undefined) others.push(sentence)
    else faults[field] = faults[field] === undefined ? sentence : `${faults[field]} ${sentence}`
  }
  return { faults, others }
}
