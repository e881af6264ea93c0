import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writePrivateFile } from './private-file.ts'

/** The headers that carry a session. */
export type SessionHeaders = Readonly<Record<string, string>>

const FILE = 'cli-session.json'

/**
 * The session that the last command opened at this server with the password in this folder. Kept beside the password,
 * because a login is made slow on purpose and is written to the audit trail.
 */
export function readKeptSession(folder: string, baseUrl: string): SessionHeaders | undefined {
  try {
    const kept: unknown = JSON.parse(readFileSync(join(folder, FILE), 'utf8'))
    return isKept(kept) && kept.url === baseUrl ? kept.headers : undefined
  } catch {
    return undefined
  }
}

/** Keeps a session for the next command. Where that cannot be done, the next command logs in again. */
export function keepSession(folder: string, baseUrl: string, headers: SessionHeaders): void {
  try {
    writePrivateFile(join(folder, FILE), `${JSON.stringify({ url: baseUrl, headers })}\n`)
  } catch {
    // the folder belongs to somebody else, or another command writes at the same moment
  }
}

function isKept(value: unknown): value is { url: unknown; headers: SessionHeaders } {
  if (typeof value !== 'object' || value === null || !('url' in value) || !('headers' in value)) return false
  const { headers } = value
  return (
    typeof headers === 'object' && headers !== null && Object.values(headers).every((text) => typeof text === 'string')
  )
}
