import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf } from '../lib/errors.ts'
import { CommandFailure, EXIT } from './exit-codes.ts'
import { writePrivateFile } from './private-file.ts'
import type { Surroundings } from './surroundings.ts'

/** What `tako login` keeps for a server. */
export interface SavedLogin {
  readonly apiKey: string
  readonly apiKeyId: string
  readonly userId: string
  readonly username: string
}

/** Where logins are kept: `tako/credentials.json` below XDG_CONFIG_HOME or `~/.config`, readable by its owner only. */
export function credentialsFile(surroundings: Surroundings): string {
  const base = surroundings.env.XDG_CONFIG_HOME || join(surroundings.home, '.config')
  return join(base, 'tako', 'credentials.json')
}

/** The login saved for a server, or undefined. */
export function readSavedLogin(baseUrl: string, surroundings: Surroundings): SavedLogin | undefined {
  return readAll(credentialsFile(surroundings))[baseUrl]
}

/** Saves the login for a server in place of the one before. */
export function saveLogin(baseUrl: string, login: SavedLogin, surroundings: Surroundings): void {
  const file = credentialsFile(surroundings)
  writeAll(file, { ...readAll(file), [baseUrl]: login })
}

/** Forgets the login for a server. */
export function forgetLogin(baseUrl: string, surroundings: Surroundings): void {
  const file = credentialsFile(surroundings)
  const { [baseUrl]: _, ...others } = readAll(file)
  writeAll(file, others)
}

function readAll(file: string): Record<string, SavedLogin> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw new CommandFailure(EXIT.failed, `${file} cannot be read: ${messageOf(error)}.`, { cause: error })
  }
  const logins: Record<string, SavedLogin> = {}
  for (const [url, value] of Object.entries(parse(text, file))) if (isSavedLogin(value)) logins[url] = value
  return logins
}

function parse(text: string, file: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // told below, as for JSON of another shape
  }
  throw new CommandFailure(EXIT.failed, `${file} is damaged: it is not a JSON object.`, {
    hint: 'Delete it, and log in again.',
  })
}

function isSavedLogin(value: unknown): value is SavedLogin {
  const names = ['apiKey', 'apiKeyId', 'userId', 'username']
  if (typeof value !== 'object' || value === null) return false
  const properties = new Map<string, unknown>(Object.entries(value))
  return names.every((name) => typeof properties.get(name) === 'string')
}

function writeAll(file: string, logins: Record<string, SavedLogin>): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writePrivateFile(file, `${JSON.stringify(logins, null, 2)}\n`)
  } catch (error) {
    throw new CommandFailure(EXIT.failed, `${file} cannot be written: ${messageOf(error)}.`, { cause: error })
  }
}
