import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { PasswordInput } from '../password-input.ts'
import { chosenUser } from '../user-lookup.ts'
import type { UserResource } from '../wire.ts'

const NOTES = `
The new password is asked for, or read from TAKO_NEW_PASSWORD or from standard input.
For your own the present one is needed too: asked for, from TAKO_PASSWORD, or as the
first line of standard input. The user's sessions end; API keys stay.`

export function declare(command: Command, cli: Cli): void {
  command
    .argument('[user]', 'name or id of the user; you yourself unless given')
    .addHelpText('after', NOTES)
    .action((name: string | undefined) => change(cli, name))
}

async function change({ api, surroundings, screen, json }: Cli, name: string | undefined): Promise<void> {
  const me = await api.get<UserResource>('/api/users/me')
  const user = name === undefined ? me : await chosenUser(api, name)
  const input = new PasswordInput(surroundings)
  const present = user.Id === me.Id ? await input.read('TAKO_PASSWORD', 'Present password: ') : undefined
  const body = { CurrentPassword: present, Password: await input.readNew('TAKO_NEW_PASSWORD') }
  const changed = await api.put<UserResource>(`/api/users/${user.Id}`, body)
  if (json) screen.json(changed)
  else screen.line(`The password of ${user.Username} is changed.`)
}
