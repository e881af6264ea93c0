import type { Command } from 'commander'
import { messageOf } from '../../lib/errors.ts'
import { type Cli, USER_AGENT } from '../cli.ts'
import { ApiClient } from '../client.ts'
import { forgetLogin, readSavedLogin } from '../credential-store.ts'
import { CommandFailure, EXIT } from '../exit-codes.ts'

export function declare(command: Command, cli: Cli): void {
  command
    .addHelpText('after', '\nDeletes the API key that tako login created, here and at the server.')
    .action(() => logout(cli))
}

async function logout(cli: Cli): Promise<void> {
  const { baseUrl, surroundings, screen } = cli
  const saved = readSavedLogin(baseUrl, surroundings)
  if (!saved) return screen.line(`There is no login to ${baseUrl}.`)
  const api = new ApiClient(cli.transport(), { kind: 'key', apiKey: saved.apiKey, source: 'the login' }, USER_AGENT)
  const failure = await api.delete(`/api/users/${saved.userId}/apikeys/${saved.apiKeyId}`).then(
    () => undefined,
    (error: unknown) => error,
  )
  forgetLogin(baseUrl, surroundings)
  if (failure === undefined || isGone(failure)) return screen.line(`Logged out of ${baseUrl}.`)
  throw new CommandFailure(
    EXIT.failed,
    `The login is forgotten here, but its key could not be deleted at the server: ${messageOf(failure)}`,
    {
      hint: `Delete it with "tako api-key delete ${saved.apiKeyId}" when you are logged in again.`,
      cause: failure,
    },
  )
}

/** The server knows nothing of the key any more. */
function isGone(failure: unknown): boolean {
  return failure instanceof CommandFailure && (failure.status === 401 || failure.status === 404)
}
