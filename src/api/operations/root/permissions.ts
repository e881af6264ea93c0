import { PERMISSIONS } from '../../../identity/permissions.ts'
import { operation } from '../../operation.ts'
import { isSpacePermission, PERMISSION_DESCRIPTIONS } from '../users/permission-view.ts'

/** `GET /api/permissions/all`: what each permission allows, by its name. */
export const listPermissions = operation({
  method: 'GET',
  path: '/permissions/all',
  scope: 'server',
  permission: 'authenticated',
  summary: 'What each permission allows',
  answers: { 200: 'An object by permission.' },
  handle: async () =>
    Object.fromEntries(
      PERMISSIONS.map((permission) => [
        permission,
        {
          Description: PERMISSION_DESCRIPTIONS[permission],
          CanApplyAtSpaceLevel: isSpacePermission(permission),
          CanApplyAtSystemLevel: !isSpacePermission(permission),
          SupportedRestrictions: [],
        },
      ]),
    ),
})
