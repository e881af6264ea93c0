import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { chosenUser } from '../user-lookup.ts'

export function declare(command: Command, cli: Cli): void {
  command
    .argument('<id>', 'id of the key, such as APIKeys-3')
    .option('--user <user>', 'a key of this user; your own unless given')
    .action(async (id: string, { user: name }: { user?: string }) => {
      const user = await chosenUser(cli.api, name)
      await cli.api.delete(`/api/users/${user.Id}/apikeys/${encodeURIComponent(id)}`)
      if (cli.json) cli.screen.json({})
      else cli.screen.line(`${id} of ${user.Username} is deleted.`)
    })
}
