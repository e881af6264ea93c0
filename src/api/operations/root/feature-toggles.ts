import { operation } from '../../operation.ts'

/** `GET /api/configuration/feature-toggles`: none is on, whichever is asked for. */
export const listFeatureToggles = operation({
  method: 'GET',
  path: '/configuration/feature-toggles',
  scope: 'server',
  permission: 'authenticated',
  summary: 'Switches that clients ask for before some requests: all off',
  answers: { 200: '`{ FeatureToggles: [] }`.' },
  handle: async () => ({ FeatureToggles: [] }),
})
