import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { wholeNumberOption } from '../whole-number-option.ts'
import type { Page, UserResource } from '../wire.ts'

const COLUMNS = [
  { title: 'USER', shrinkTo: 10 },
  { title: 'ID' },
  { title: 'ROLE' },
  { title: 'NAME', shrinkTo: 10 },
  { title: 'E-MAIL', shrinkTo: 12 },
  { title: 'NOTE' },
] as const

export function declare(command: Command, cli: Cli): void {
  command
    .option('--take <number>', 'how many at most', wholeNumberOption, 100)
    .action(async ({ take }: { take: number }) => {
      const page = await cli.api.get<Page<UserResource>>('/api/users', { query: { take } })
      if (cli.json) return cli.screen.json(page)
      cli.screen.table(
        COLUMNS,
        page.Items.map((user) => [
          user.Username,
          user.Id,
          user.Role,
          user.DisplayName,
          user.EmailAddress,
          noteOf(user),
        ]),
      )
      if (page.Items.length < page.TotalResults) cli.screen.line(`${page.Items.length} of ${page.TotalResults}.`)
    })
}

function noteOf(user: UserResource): string {
  return [user.IsActive ? '' : 'not active', user.IsService ? 'service' : ''].filter(Boolean).join(', ')
}
