import { hostname } from 'node:os'
import { isNodeName } from '../cluster/incarnation.ts'
import { defaultTimings, type Timings } from '../cluster/timings.ts'
import { parseDuration } from '../lib/duration.ts'
import { ConfigurationError } from '../lib/errors.ts'

/** One option of `tako server`: flag, environment variable, default and help in one place. */
export interface Option {
  flag: string
  env: string
  /** What stands for the value in the help; absent for a switch. */
  value?: string
  fallback?: string
  help: string
}

function wrong(option: Option, value: string, wanted: string): ConfigurationError {
  return new ConfigurationError(`${option.flag} (${option.env}) is "${value}", but must be ${wanted}.`)
}

export function required(option: Option, value: string | undefined): string {
  if (!value) throw new ConfigurationError(`${option.flag} (or ${option.env}) is missing: ${option.help}.`)
  return value
}

export function oneOf<T extends string>(option: Option, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value.toLowerCase())
  if (found === undefined) throw wrong(option, value, `one of ${allowed.join(', ')}`)
  return found
}

const LONGEST_MS = 3650 * 86_400_000

export function readDuration(option: Option, value: string): number {
  const ms = parseDuration(value)
  if (ms === undefined || ms > LONGEST_MS) throw wrong(option, value, 'a time such as 500ms, 10s, 5m or 1d')
  return ms
}

export function readName(option: Option, value: string): string {
  const name = value.toLowerCase()
  if (!isNodeName(name)) {
    const wanted = '1 to 63 letters, digits, dots, dashes and underscores, beginning and ending with a letter or digit'
    throw wrong(option, value, wanted)
  }
  return name
}

export function readListen(option: Option, value: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(value)
  const port = Number(match?.[3] ?? -1)
  if (!match || port < 1 || port > 65_535) throw wrong(option, value, 'an address and a port, such as 127.0.0.1:8081')
  return { host: match[1] ?? match[2] ?? '', port }
}

export function shownHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return hostname()
  return host.includes(':') ? `[${host}]` : host
}

export function readNodeUrl(option: Option, value: string): string {
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw wrong(option, value, 'an address such as http://10.0.0.5:8081')
  }
  return new URL(value).origin
}

export function readDatabaseUrl(option: Option, value: string | undefined): string {
  const url = required(option, value)
  // The value is not repeated in the sentence: it may hold a password.
  if (!/^postgres(ql)?:\/\//.test(url))
    throw new ConfigurationError('--database-url (TAKO_DATABASE_URL) must begin with postgres://')
  return url
}

export function readTaskCap(option: Option, value: string): number {
  const cap = Number(value)
  if (!/^\d+$/.test(value) || cap > 1000) throw wrong(option, value, 'a whole number from 0 to 1000')
  return cap
}

export function readSwitch(option: Option, value = 'false'): boolean {
  const word = oneOf(option, value, ['true', 'false', '1', '0', 'yes', 'no', 'on', 'off'])
  return ['true', '1', 'yes', 'on'].includes(word)
}

export function readMasterKey(value: string | undefined): Buffer | undefined {
  if (value === undefined) return undefined
  const key = Buffer.from(value, 'base64')
  if (key.length === 32) return key
  throw new ConfigurationError(
    '--master-key (TAKO_MASTER_KEY) must be 32 bytes in base64; make one with: openssl rand -base64 32',
  )
}

export function readApiKey(value: string | undefined): string | undefined {
  if (value === undefined || /^API-[A-Z0-9]{20,60}$/.test(value)) return value
  throw new ConfigurationError(
    '--admin-api-key (TAKO_ADMIN_API_KEY) must be API- followed by 20 to 60 upper-case letters and digits.',
  )
}

/** Reads `20s` (for all) or `fail=5m,rerun=20s,resume=20s`; what is not named keeps its default. */
export function readTaskLease(option: Option, value: string): Timings['taskLeaseMs'] {
  const leases = { ...defaultTimings.taskLeaseMs }
  for (const part of value.split(',')) {
    const [left = '', right] = part.split('=').map((piece) => piece.trim())
    const ms = readDuration(option, right ?? left)
    if (right === undefined) Object.assign(leases, { fail: ms, rerun: ms, resume: ms })
    else leases[oneOf(option, left, ['fail', 'rerun', 'resume'])] = ms
  }
  return leases
}
