import { usageFailure } from './exit-codes.ts'

const DEFAULT_URL = 'http://localhost:8080'

/**
 * The server's address without a trailing slash and without `/api`: from `--url`, else TAKO_URL, else the address of
 * `tako up`. A missing scheme is http.
 */
export function chooseBaseUrl(option: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
  const given = option ?? (env.TAKO_URL || undefined)
  return given === undefined ? DEFAULT_URL : normalise(given, option === undefined ? 'TAKO_URL' : '--url')
}

function normalise(given: string, source: string): string {
  const text = given.includes('://') ? given : `http://${given}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw usageFailure(`'${given}' (${source}) is not the address of a server.`, `Write it like ${DEFAULT_URL}.`)
  }
  if (url.username !== '' || url.password !== '') {
    throw usageFailure(
      `The address in ${source} holds a user or a password.`,
      'Use tako login, or an API key in TAKO_API_KEY.',
    )
  }
  const path = url.pathname.replace(/\/(api|app)\/?$/, '').replace(/\/+$/, '')
  return url.origin + path
}

/** True for an address of this very machine. */
export function isLoopback(baseUrl: string): boolean {
  const { hostname } = new URL(baseUrl)
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  )
}
