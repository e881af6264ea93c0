import { hostname } from 'node:os'
import type { Command } from 'commander'
import { jsonOf } from '../answer.ts'
import { keyText } from '../api-key-text.ts'
import { type Cli, USER_AGENT } from '../cli.ts'
import { ApiClient } from '../client.ts'
import { credentialsFile, readSavedLogin, saveLogin } from '../credential-store.ts'
import { CommandFailure, usageFailure } from '../exit-codes.ts'
import { PasswordInput } from '../password-input.ts'
import { ask, canAsk } from '../prompt.ts'
import { openSession } from '../session.ts'
import { localTime } from '../time-ago.ts'
import type { ApiKeyResource, UserResource } from '../wire.ts'

const NOTES = `
Asks for user and password, creates an API key for this machine and keeps it in
~/.config/tako/credentials.json, one for each server. With --username the password may
also come from TAKO_PASSWORD or from standard input.`

export function declare(command: Command, cli: Cli): void {
  command
    .option('--username <name>', 'as whom; asked for unless given')
    .addHelpText('after', NOTES)
    .action(({ username }: { username?: string }) => login(cli, username))
}

async function login(cli: Cli, givenName: string | undefined): Promise<void> {
  const { baseUrl, surroundings, screen } = cli
  const username = givenName ?? (await askForName(cli))
  const password = await new PasswordInput(surroundings).read('TAKO_PASSWORD', `Password of ${username}: `)
  const transport = cli.transport()
  const session = await openSession(transport, { username, password, advice: 'Check the name and the password.' })
  const user = jsonOf<UserResource>(session.answer, baseUrl)
  const api = new ApiClient(transport, { kind: 'session', headers: session.headers }, USER_AGENT)
  const previous = readSavedLogin(baseUrl, surroundings)
  const purpose = `tako CLI on ${hostname()}`
  const key = await api.post<ApiKeyResource>(`/api/users/${user.Id}/apikeys`, { Purpose: purpose, UserId: user.Id })
  saveLogin(baseUrl, { apiKey: keyText(key), apiKeyId: key.Id, userId: user.Id, username: user.Username }, surroundings)
  if (previous?.userId === user.Id) await quietly(api.delete(`/api/users/${user.Id}/apikeys/${previous.apiKeyId}`))
  await quietly(api.post('/api/users/logout'))
  const until = key.Expires ? ` until ${localTime(key.Expires)}` : ''
  if (cli.json) screen.json(user)
  else screen.text([`Logged in at ${baseUrl} as ${user.Username}${until}.`])
  screen.note(`The key is kept in ${credentialsFile(surroundings)}.`)
}

async function askForName({ surroundings }: Cli): Promise<string> {
  if (!canAsk(surroundings))
    throw usageFailure(
      'There is no terminal to ask for the user.',
      'Add --username, and send the password to standard input.',
    )
  const name = (await ask(surroundings, 'User: ')).trim()
  if (name === '') throw usageFailure('The name of the user is empty.')
  return name
}

/** Tidying up: the key of the login before, and this session, are of no use any more; that they stay is no failure. */
async function quietly(tidying: Promise<unknown>): Promise<void> {
  await tidying.catch((error: unknown) => {
    if (!(error instanceof CommandFailure)) throw error
  })
}
