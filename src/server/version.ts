import { readFileSync } from 'node:fs'

/** Tako's own version, as its package has it. */
export const productVersion: string = readVersion()

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const version: unknown = JSON.parse(text).version
  return typeof version === 'string' ? version : '0.0.0'
}
