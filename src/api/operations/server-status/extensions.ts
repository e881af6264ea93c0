import { operation } from '../../operation.ts'

/** `GET /api/serverstatus/extensions`: Tako has none, and clients that ask get an empty list. */
export const getExtensions = operation({
  method: 'GET',
  path: '/serverstatus/extensions',
  scope: 'server',
  permission: 'authenticated',
  summary: 'Installed extensions: always an empty list',
  answers: { 200: 'An empty array.' },
  handle: async () => [],
})
