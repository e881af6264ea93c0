import type { Command } from 'commander'
import { keyText } from '../api-key-text.ts'
import type { Cli } from '../cli.ts'
import { localTime } from '../time-ago.ts'
import { chosenUser } from '../user-lookup.ts'
import { type Moment, momentAsDate, momentOption } from '../when.ts'
import type { ApiKeyResource } from '../wire.ts'

interface CreateOptions {
  readonly user?: string
  readonly purpose: string
  readonly expires?: Moment
}

export function declare(command: Command, cli: Cli): void {
  command
    .requiredOption('--purpose <text>', 'what it is for, as people read it in the list')
    .option('--user <user>', 'a key of this service account; your own unless given')
    .option('--expires <when>', 'when it ends: 30d, 2026-03-01 (after 180 days unless given)', momentOption)
    .addHelpText('after', '\nPrints the key to standard output. It is shown this once and never again.')
    .action((options: CreateOptions) => create(cli, options))
}

async function create(cli: Cli, options: CreateOptions): Promise<void> {
  const user = await chosenUser(cli.api, options.user)
  const expires = options.expires && momentAsDate(options.expires, new Date(cli.api.nowMs())).toISOString()
  const body = { Purpose: options.purpose, UserId: user.Id, Expires: expires }
  const key = await cli.api.post<ApiKeyResource>(`/api/users/${user.Id}/apikeys`, body)
  if (cli.json) return cli.screen.json(key)
  cli.screen.line(keyText(key))
  const until = key.Expires ? `It ends on ${localTime(key.Expires)}.` : 'It does not end by itself.'
  cli.screen.note(`${key.Id} of ${user.Username}. ${until} Keep it now: it is not shown again.`)
}
