import { Refusal } from '../../lib/errors.ts'
import { cleanText } from '../../lib/text.ts'
import { type Syntax, syntaxes } from '../script/interpreters.ts'

/** What a script task is asked to do, in the wire format's spelling. */
export interface AdHocScriptArguments {
  readonly ScriptBody: string
  readonly Syntax: Syntax
  readonly TargetType: 'OctopusServer'
  readonly ScriptArguments: readonly string[]
  readonly EnvironmentVariables: Readonly<Record<string, string>>
}

export const MAX_BODY_BYTES = 1024 * 1024
/** For the arguments and for the variables each: how many, how long one, how long all together. */
const MAX_COUNT = 1000
const MAX_ONE_BYTES = 32 * 1024
const MAX_ALL_BYTES = 256 * 1024

const SERVER = 'OctopusServer'
/** Fields that name where else a script could run. */
const PLACES = ['MachineIds', 'EnvironmentIds', 'TargetRoles', 'TenantIds', 'WorkerIds', 'WorkerPoolIds']
/** Languages of the wire format that need a host this server does not bring. */
const NEVER_HERE = ['CSharp', 'FSharp']
/** Bash, under which every script begins, lets nobody set these. */
const READ_ONLY_NAMES = ['BASHOPTS', 'BASH_VERSINFO', 'EUID', 'PPID', 'SHELLOPTS', 'UID']

type Input = ReadonlyMap<string, unknown>

/**
 * Reads the arguments of an AdHocScript task: names in any case, null as absent, unknown ones ignored. Throws one
 * BadRequest that names every fault. The syntax is Bash unless given (the original chooses PowerShell, on Windows).
 */
export function parseAdHocScriptArguments(input: Readonly<Record<string, unknown>>): AdHocScriptArguments {
  const given = foldNames(input)
  const faults: string[] = []
  const result: AdHocScriptArguments = {
    ScriptBody: readBody(given, faults),
    Syntax: readSyntax(given, faults),
    TargetType: readTargetType(given, faults),
    ScriptArguments: readScriptArguments(given, faults),
    EnvironmentVariables: readVariables(given, faults),
  }
  if (faults.length > 0) throw new Refusal('BadRequest', faults.join(' '), { errors: faults })
  return result
}

function foldNames(input: Readonly<Record<string, unknown>>): Input {
  const entries = Object.entries(input).filter(([, value]) => value !== null && value !== undefined)
  return new Map(entries.map(([name, value]) => [name.toLowerCase(), value]))
}

function readBody(given: Input, faults: string[]): string {
  const body = given.get('scriptbody')
  if (body === undefined) faults.push('ScriptBody is missing: give the text of the script.')
  else if (typeof body !== 'string') faults.push('ScriptBody must be a string.')
  else if (body.trim() === '') faults.push('ScriptBody is empty: give the text of the script.')
  else if (!isStorable(body)) faults.push('ScriptBody holds U+0000 or half a surrogate pair, which no script can hold.')
  else if (Buffer.byteLength(body) > MAX_BODY_BYTES) {
    faults.push(`ScriptBody has ${Buffer.byteLength(body)} bytes; at most ${MAX_BODY_BYTES} (1 MiB) are allowed.`)
  } else return body
  return ''
}

function readSyntax(given: Input, faults: string[]): Syntax {
  const asked = given.get('syntax') ?? 'Bash'
  const found = syntaxes.find((syntax) => isSameName(asked, syntax))
  if (found) return found
  const never = NEVER_HERE.find((syntax) => isSameName(asked, syntax))
  if (never) faults.push(`Syntax ${never} cannot run on the server. Use ${listOf(syntaxes)}.`)
  else faults.push(`Syntax must be ${listOf(syntaxes)}, not ${quote(asked)}.`)
  return 'Bash'
}

function readTargetType(given: Input, faults: string[]): 'OctopusServer' {
  const asked = given.get('targettype')
  if (asked !== undefined) {
    if (!isSameName(asked, SERVER)) {
      faults.push(
        `TargetType ${quote(asked)} is not supported: scripts run on the server itself, which is TargetType ${SERVER}.`,
      )
    }
    return SERVER
  }
  for (const place of PLACES) {
    const value = given.get(place.toLowerCase())
    if (Array.isArray(value) ? value.length > 0 : value !== undefined) {
      faults.push(
        `${place} is not supported: scripts run on the server itself. Leave it out, or set TargetType to ${SERVER}.`,
      )
    }
  }
  return SERVER
}

function readScriptArguments(given: Input, faults: string[]): string[] {
  const value = given.get('scriptarguments') ?? []
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    faults.push('ScriptArguments must be an array of strings.')
    return []
  }
  const texts: string[] = value
  checkTexts('ScriptArguments', texts, faults)
  return texts
}

function readVariables(given: Input, faults: string[]): Record<string, string> {
  const value = given.get('environmentvariables') ?? {}
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    faults.push('EnvironmentVariables must be an object of names and strings.')
    return {}
  }
  const variables: [string, string][] = []
  for (const [name, text] of Object.entries(value)) {
    if (text === null) continue
    const fault = faultOfName(name)
    if (fault) faults.push(`EnvironmentVariables: ${fault}`)
    else if (typeof text !== 'string') faults.push(`EnvironmentVariables: the value of ${name} must be a string.`)
    else variables.push([name, text])
  }
  const texts = variables.map(([name, text]) => `${name}=${text}`)
  checkTexts('EnvironmentVariables', texts, faults)
  return Object.fromEntries(variables)
}

function faultOfName(name: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,199}$/.test(name)) {
    return `${quote(name)} is no name for a variable: use letters, digits and underscores, no digit first, at most 200.`
  }
  if (name.toUpperCase().startsWith('TAKO_'))
    return `${name} is reserved: names that begin with TAKO_ are set by the server.`
  if (READ_ONLY_NAMES.includes(name)) return `${name} cannot be set: the shell keeps it for itself.`
  return undefined
}

function checkTexts(field: string, texts: readonly string[], faults: string[]): void {
  const sizes = texts.map((text) => Buffer.byteLength(text))
  const all = sizes.reduce((sum, size) => sum + size, 0)
  if (texts.length > MAX_COUNT) faults.push(`${field} has ${texts.length} entries; at most ${MAX_COUNT} are allowed.`)
  if (sizes.some((size) => size > MAX_ONE_BYTES)) {
    faults.push(`${field} has an entry of more than ${MAX_ONE_BYTES} bytes, which is the most one may have.`)
  }
  if (all > MAX_ALL_BYTES) faults.push(`${field} has ${all} bytes in all; at most ${MAX_ALL_BYTES} are allowed.`)
  if (!texts.every(isStorable))
    faults.push(`${field} holds U+0000 or half a surrogate pair, which cannot be handed to a script.`)
}

function isStorable(text: string): boolean {
  return cleanText(text) === text
}

function isSameName(asked: unknown, name: string): boolean {
  return typeof asked === 'string' && asked.toLowerCase() === name.toLowerCase()
}

/** What was asked for, short enough for a sentence. */
function quote(asked: unknown): string {
  const text = cleanText(typeof asked === 'string' ? asked : (JSON.stringify(asked) ?? String(asked)))
  return `'${text.replaceAll(/\p{Cc}/gu, ' ').slice(0, 40)}'`
}

function listOf(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}
