import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isLoopback } from './base-url.ts'
import { readSavedLogin } from './credential-store.ts'
import { usageFailure } from './exit-codes.ts'
import type { Surroundings } from './surroundings.ts'

/** As whom a command speaks, and where that was found. */
export type Credential =
  | { readonly kind: 'key'; readonly apiKey: string; readonly source: string }
  | {
      readonly kind: 'password'
      readonly username: string
      readonly password: string
      readonly folder: string
      readonly source: string
    }
  | { readonly kind: 'session'; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'none' }

/** `tako up` keeps the first user's password here, below the folder it was started in. */
const UP_FOLDER = '.tako'
const PASSWORD_FILE = 'admin-password'
const FIRST_USER = 'admin'

/**
 * As whom to speak to the server: the key of `--api-key`, else of TAKO_API_KEY, else of `tako login`, else, on this very
 * machine only, the first user of a `tako up` that was started in the current folder.
 */
export function chooseCredential(option: string | undefined, baseUrl: string, surroundings: Surroundings): Credential {
  if (option !== undefined) return keyCredential(option, '--api-key')
  if (surroundings.env.TAKO_API_KEY) return keyCredential(surroundings.env.TAKO_API_KEY, 'TAKO_API_KEY')
  const saved = readSavedLogin(baseUrl, surroundings)
  if (saved) return { kind: 'key', apiKey: saved.apiKey, source: `the login of ${saved.username}` }
  return (isLoopback(baseUrl) ? localPassword(surroundings.cwd) : undefined) ?? { kind: 'none' }
}

function keyCredential(text: string, source: string): Credential {
  const apiKey = text.trim()
  if (!/^API-[A-Z0-9]+$/.test(apiKey)) {
    throw usageFailure(
      `What ${source} holds is not an API key.`,
      'A key looks like API- and upper-case letters and digits.',
    )
  }
  return { kind: 'key', apiKey, source }
}

function localPassword(cwd: string): Credential | undefined {
  const folder = join(cwd, UP_FOLDER)
  const file = join(folder, PASSWORD_FILE)
  try {
    const password = readFileSync(file, 'utf8').trim()
    return password === '' ? undefined : { kind: 'password', username: FIRST_USER, password, folder, source: file }
  } catch {
    return undefined
  }
}

/** What to do when the server does not accept who asks. */
export function adviceFor(credential: Credential, baseUrl: string): string {
  const login = `tako login --url ${baseUrl}`
  if (credential.kind === 'none' || credential.kind === 'session')
    return `Log in with "${login}", or put an API key into TAKO_API_KEY.`
  if (credential.kind === 'password')
    return `The password in ${credential.source} is not accepted there; log in with "${login}".`
  return `The key of ${credential.source} is not accepted there; log in with "${login}", or give another key.`
}
