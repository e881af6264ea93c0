import { operation } from '../../operation.ts'

const LOCAL = Intl.DateTimeFormat().resolvedOptions().timeZone

/** `GET /api/serverstatus/timezones`: the zones this node knows, UTC first. */
export const getTimezones = operation({
  method: 'GET',
  path: '/serverstatus/timezones',
  scope: 'server',
  permission: 'authenticated',
  summary: 'The time zones this node knows',
  answers: { 200: 'An array of `{ Id, Name, IsLocal }`.' },
  handle: async () => {
    const zones = new Set(['UTC', LOCAL, ...Intl.supportedValuesOf('timeZone')])
    return [...zones].map((zone) => ({ Id: zone, Name: zone.replaceAll('_', ' '), IsLocal: zone === LOCAL }))
  },
})
