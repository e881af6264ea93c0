import { CommandFailure, EXIT } from './exit-codes.ts'
import type { ApiKeyResource } from './wire.ts'

/** The key itself, which only the first answer to its creation holds: a repeated request gets the resource without it. */
export function keyText(key: ApiKeyResource): string {
  if (typeof key.ApiKey === 'string') return key.ApiKey
  throw new CommandFailure(EXIT.failed, `${key.Id} was created, but the answer that held the key was lost.`, {
    hint: `Delete it with "tako api-key delete ${key.Id}" and create another.`,
  })
}
