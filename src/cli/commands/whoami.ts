import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import type { Credential } from '../credentials.ts'
import type { UserResource } from '../wire.ts'

export function declare(command: Command, cli: Cli): void {
  command.action(async () => {
    const user = await cli.api.get<UserResource>('/api/users/me')
    if (cli.json) return cli.screen.json(user)
    cli.screen.line(cli.screen.paint(user.Username, 'bold'))
    cli.screen.properties([
      ['Name', user.DisplayName === user.Username ? '' : user.DisplayName],
      ['Id', user.Id],
      ['Role', user.Role],
      ['Server', cli.baseUrl],
      ['By', sourceOf(cli.credential)],
    ])
  })
}

function sourceOf(credential: Credential): string {
  if (credential.kind === 'key') return `the key of ${credential.source}`
  return credential.kind === 'password' ? `the password in ${credential.source}` : ''
}
