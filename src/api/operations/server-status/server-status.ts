import { operation } from '../../operation.ts'

/** `GET /api/serverstatus`. */
export const getServerStatus = operation({
  method: 'GET',
  path: '/serverstatus',
  scope: 'server',
  permission: 'authenticated',
  summary: 'The state of the installation as a whole',
  answers: { 200: 'The state, with links to its parts.' },
  handle: async ({ context }) => ({
    IsDatabaseEncrypted: false,
    IsMajorMinorUpgrade: false,
    IsInMaintenanceMode: false,
    IsPotentialClone: false,
    IsUpgradeAvailable: false,
    MaintenanceExpires: null,
    MaximumAvailableVersion: context.version,
    MaximumAvailableVersionCoveredByLicense: context.version,
    Links: {
      Self: '/api/serverstatus',
      Health: '/api/serverstatus/health',
      SystemInfo: '/api/serverstatus/system-info',
      DocumentCounts: '/api/serverstatus/counts',
      Timezones: '/api/serverstatus/timezones',
      Extensions: '/api/serverstatus/extensions',
    },
  }),
})
