import { createContext, useContext } from 'react'
import type { Session } from '../api/users.ts'
import type { User } from '../api/wire.ts'
import type { Permission } from './permissions.ts'

export const SessionContext = createContext<Session | undefined>(undefined)

function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('There is no session above this component.')
  return session
}

/** Who is signed in. */
export function useCurrentUser(): User {
  return useSession().user
}

/** True when the user holds the permission. */
export function useMay(permission: Permission): boolean {
  return useSession().permissions.has(permission)
}

/** The same for permissions that are only known at run time. */
export function usePermissions(): ReadonlySet<string> {
  return useSession().permissions
}
