import { z } from 'zod'
import { paging } from '../../fields.ts'
import { operation } from '../../operation.ts'
import { collection } from '../../paging.ts'

/** `GET /api/teams`: rights come from a user's role, so there is none. */
export const listTeams = operation({
  method: 'GET',
  path: '/teams',
  scope: 'mixed',
  permission: 'authenticated',
  summary: 'The teams: there is none, since rights come from the role of a user',
  query: z.object({ ...paging }),
  answers: { 200: 'An empty collection.' },
  handle: async ({ query }) =>
    collection({ itemType: 'Team', items: [], total: 0, skip: query.skip, take: query.take, path: '/api/teams' }),
})

/** `GET /api/teams/all`. */
export const listAllTeams = operation({
  method: 'GET',
  path: '/teams/all',
  scope: 'mixed',
  permission: 'authenticated',
  summary: 'The teams as a bare list: there is none',
  answers: { 200: 'An empty list.' },
  handle: async () => [],
})
