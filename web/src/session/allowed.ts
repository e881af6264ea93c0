import { useMay } from './current-session.ts'
import { type Permission, whyForbidden } from './permissions.ts'

export interface AllowedProps {
  /** What it needs; without it the control is disabled and says which permission is missing. */
  permission: Permission
  /** Another reason why it cannot be done now, as a sentence; undefined when it can. */
  because?: string | undefined
}

/** Why a control is disabled, as a sentence; undefined when it is not. */
export function useWhyNot({ permission, because }: AllowedProps): string | undefined {
  return useMay(permission) ? because : whyForbidden(permission)
}
