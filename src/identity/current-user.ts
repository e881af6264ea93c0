import { Refusal } from '../lib/errors.ts'
import { type Permission, type Role, roleMay } from './permissions.ts'

/** Who makes a request, as its session or API key told at most two seconds ago. */
export interface CurrentUser {
  readonly id: number
  readonly username: string
  readonly displayName: string
  readonly role: Role
  readonly isService: boolean
  /** The user's version stamp when this was read: raised with each change of role, password or activity. */
  readonly version: number
  readonly credential: Credential
}

/** What the user showed to be let in. */
export type Credential =
  | { readonly kind: 'session'; readonly idHash: Buffer; readonly csrfHash: Buffer }
  | { readonly kind: 'key'; readonly id: number; readonly expiresAt: Date | undefined }

/** How the identity was established, in the words of the audit trail: `session` or `key APIKeys-3`. */
export function establishedWith(credential: Credential): string {
  return credential.kind === 'session' ? 'session' : `key APIKeys-${credential.id}`
}

/** True when the user holds the permission. */
export function userMay(user: CurrentUser, permission: Permission): boolean {
  return roleMay(user.role, permission)
}

/** Refuses with 403 and the missing permission's name. */
export function requirePermission(user: CurrentUser, permission: Permission): void {
  if (userMay(user, permission)) return
  throw new Refusal(
    'Forbidden',
    `${user.username} may not do this: it needs the permission ${permission}, which the role ${user.role} does not have.`,
    {
      details: { MissingPermission: permission },
    },
  )
}
