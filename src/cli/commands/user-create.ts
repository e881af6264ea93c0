import { type Command, Option } from 'commander'
import type { Cli } from '../cli.ts'
import { PasswordInput } from '../password-input.ts'
import type { UserResource } from '../wire.ts'

interface CreateOptions {
  readonly role: string
  readonly displayName?: string
  readonly email?: string
  readonly service?: boolean
}

export function declare(command: Command, cli: Cli): void {
  command
    .argument('<user>', 'name to log in with')
    .addOption(
      new Option('--role <role>', 'what the user may do')
        .choices(['administrator', 'operator', 'viewer'])
        .default('viewer'),
    )
    .option('--display-name <name>', 'name that people read')
    .option('--email <address>', 'e-mail address')
    .option('--service', 'a service, which has no password and uses API keys')
    .addHelpText('after', '\nThe password is asked for, or read from TAKO_NEW_PASSWORD or from standard input.')
    .action((name: string, options: CreateOptions) => create(cli, name, options))
}

async function create(cli: Cli, name: string, options: CreateOptions): Promise<void> {
  const password = options.service ? undefined : await new PasswordInput(cli.surroundings).readNew('TAKO_NEW_PASSWORD')
  const user = await cli.api.post<UserResource>('/api/users', {
    Username: name,
    DisplayName: options.displayName ?? name,
    EmailAddress: options.email,
    IsActive: true,
    IsService: options.service === true,
    Role: options.role,
    Password: password,
  })
  if (cli.json) cli.screen.json(user)
  else cli.screen.line(`${user.Username} (${user.Id}) is created as ${options.role}.`)
}
