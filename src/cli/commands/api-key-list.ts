import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { timeAgo } from '../time-ago.ts'
import { chosenUser } from '../user-lookup.ts'
import type { ApiKeyResource, Page } from '../wire.ts'

const COLUMNS = [
  { title: 'ID' },
  { title: 'KEY' },
  { title: 'PURPOSE', shrinkTo: 12 },
  { title: 'CREATED' },
  { title: 'LAST USED' },
  { title: 'EXPIRES' },
] as const

export function declare(command: Command, cli: Cli): void {
  command
    .option('--user <user>', 'keys of this user; your own unless given')
    .action(async ({ user: name }: { user?: string }) => {
      const user = await chosenUser(cli.api, name)
      const page = await cli.api.get<Page<ApiKeyResource>>(`/api/users/${user.Id}/apikeys`, { query: { take: 1000 } })
      if (cli.json) return cli.screen.json(page)
      if (page.Items.length === 0) return cli.screen.line(`${user.Username} has no API keys.`)
      const nowMs = cli.api.nowMs()
      cli.screen.table(
        COLUMNS,
        page.Items.map((key) => [
          key.Id,
          hintOf(key),
          key.Purpose,
          timeAgo(key.Created, nowMs),
          key.LastUsed ? timeAgo(key.LastUsed, nowMs) : 'never',
          expiryText(key, nowMs),
        ]),
      )
    })
}

function hintOf({ ApiKey: key }: ApiKeyResource): string {
  return typeof key === 'string' ? '' : (key.Hint ?? '')
}

function expiryText({ Expires: expires }: ApiKeyResource, nowMs: number): string {
  return expires ? timeAgo(expires, nowMs) : 'never'
}
