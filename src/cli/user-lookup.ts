import type { ApiClient } from './client.ts'
import { CommandFailure, EXIT } from './exit-codes.ts'
import type { Page, UserResource } from './wire.ts'

/** The user of that name or id, in any case. */
export async function findUser(api: ApiClient, nameOrId: string): Promise<UserResource> {
  const wanted = nameOrId.toLowerCase()
  const query = /^users-\d+$/.test(wanted) ? { ids: wanted } : { filter: nameOrId, take: 1000 }
  const page = await api.get<Page<UserResource>>('/api/users', { query })
  const user = page.Items.find(
    ({ Id: id, Username: name }) => id.toLowerCase() === wanted || name.toLowerCase() === wanted,
  )
  if (!user)
    throw new CommandFailure(EXIT.failed, `There is no user '${nameOrId}'.`, {
      hint: 'tako user list shows the users.',
    })
  return user
}

/** The user a command is about: the one that was named, else who asks. */
export function chosenUser(api: ApiClient, nameOrId: string | undefined): Promise<UserResource> {
  return nameOrId === undefined ? api.get<UserResource>('/api/users/me') : findUser(api, nameOrId)
}
