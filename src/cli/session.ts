import { type Answer, failureOf, readAnswer } from './answer.ts'
import type { CallOptions, Transport } from './transport.ts'

/** A session at the server: the headers that carry it. */
export interface Session {
  readonly headers: Readonly<Record<string, string>>
  /** The answer to the login: the user. */
  readonly answer: Answer
}

const TOKEN_COOKIE = 'OctopusIdentificationToken'
const CSRF_COOKIE = 'Octopus-Csrf-Token'

export interface Login {
  readonly username: string
  readonly password: string
  /** What to do when it is refused. */
  readonly advice: string
}

/** Logs in with a password. Throws a CommandFailure when the server refuses it. */
export async function openSession(transport: Transport, login: Login, options: CallOptions = {}): Promise<Session> {
  const body = JSON.stringify({ Username: login.username, Password: login.password, RememberMe: false })
  const headers = { 'content-type': 'application/json' }
  const call = { ...options, method: 'POST', path: '/api/users/login', headers, body }
  const { answer, cookies } = await transport.send(call, async (response) => ({
    answer: await readAnswer(response),
    cookies: response.headers.getSetCookie(),
  }))
  if (answer.status >= 300) throw failureOf(answer, transport.baseUrl, login.advice)
  return { headers: sessionHeaders(cookies), answer }
}

/** The two cookies of a session, and the header that shows that the sender can read them. */
export function sessionHeaders(setCookies: readonly string[]): Record<string, string> {
  const pairs = setCookies.map((line) => line.split(';', 1)[0] ?? '')
  const ours = pairs.filter((pair) => pair.startsWith(TOKEN_COOKIE) || pair.startsWith(CSRF_COOKIE))
  const csrf = ours.find((pair) => pair.startsWith(CSRF_COOKIE))
  const value = csrf?.slice(csrf.indexOf('=') + 1) ?? ''
  return { cookie: ours.join('; '), 'x-octopus-csrf-token': decodeURIComponent(value) }
}
