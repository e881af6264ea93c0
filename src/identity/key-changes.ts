import type { Sql, Transaction } from '../database/connect.ts'
import { Refusal } from '../lib/errors.ts'
import type { Actor } from './actor.ts'
import { type ApiKey, countApiKeys, deleteApiKey, insertApiKey, KEYS_OF_USER, type KeyEnd } from './api-keys.ts'
import { recordEvent } from './audit.ts'
import { createApiKey } from './secrets.ts'
import { type User, userIdText } from './users.ts'

export function keyIdText(id: number): string {
  return `APIKeys-${id}`
}

/** Makes a key for the user and returns its text, which is kept nowhere. Refuses with Conflict when the user has too many. */
export async function issueApiKey(
  tx: Transaction,
  actor: Actor,
  { user, purpose, end }: { user: User; purpose: string; end: KeyEnd },
): Promise<{ key: ApiKey; text: string }> {
  if ((await countApiKeys(tx, user.id)) >= KEYS_OF_USER) {
    throw new Refusal(
      'Conflict',
      `${user.username} already has ${KEYS_OF_USER} API keys. Delete those that are no longer used.`,
    )
  }
  const text = createApiKey()
  const key = await insertApiKey(tx, { userId: user.id, text, purpose, end })
  await recordEvent(tx, {
    category: 'Created',
    message: `${actor.username} created the API key ${keyIdText(key.id)} of ${user.username}.`,
    actor,
    related: [keyIdText(key.id), userIdText(user.id)],
    after: { Purpose: key.purpose, Expires: key.expiresAt?.toISOString() ?? null },
  })
  return { key, text }
}

/** Deletes a key; every node refuses it within two seconds. Refuses with NotFound when it is not there. */
export async function revokeApiKey(sql: Sql, actor: Actor, user: User, id: number): Promise<void> {
  await sql.begin(async (tx) => {
    const key = await deleteApiKey(tx, user.id, id)
    if (!key) throw new Refusal('NotFound', `${user.username} has no API key ${keyIdText(id)}.`)
    await recordEvent(tx, {
      category: 'Deleted',
      message: `${actor.username} deleted the API key ${keyIdText(id)} of ${user.username}.`,
      actor,
      related: [keyIdText(id), userIdText(user.id)],
      before: { Purpose: key.purpose, Expires: key.expiresAt?.toISOString() ?? null },
    })
  })
}
