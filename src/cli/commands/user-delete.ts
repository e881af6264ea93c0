import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { findUser } from '../user-lookup.ts'

export function declare(command: Command, cli: Cli): void {
  command.argument('<user>', 'name or id of the user').action(async (name: string) => {
    const user = await findUser(cli.api, name)
    await cli.api.delete(`/api/users/${user.Id}`)
    if (cli.json) cli.screen.json({})
    else cli.screen.line(`${user.Username} (${user.Id}) is deleted, and so are the user's sessions and API keys.`)
  })
}
