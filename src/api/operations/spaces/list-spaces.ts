import { z } from 'zod'
import { commaList, paging } from '../../fields.ts'
import { operation } from '../../operation.ts'
import { collection } from '../../paging.ts'
import { readSpace } from './space-view.ts'

/** `GET /api/spaces`. */
export const listSpaces = operation({
  method: 'GET',
  path: '/spaces',
  scope: 'server',
  permission: 'authenticated',
  summary: 'The spaces: there is one',
  query: z.object({ ...paging, ids: commaList(), partialName: z.string().optional(), name: z.string().optional() }),
  answers: { 200: 'A collection of spaces.' },
  handle: async ({ query, context, request }) => {
    const space = await readSpace(context.sql)
    const name = space.Name.toLowerCase()
    const matches =
      (query.ids === undefined || query.ids.some((id) => id.toLowerCase() === space.Id.toLowerCase())) &&
      name.includes(query.partialName?.toLowerCase() ?? '') &&
      (query.name === undefined || query.name.toLowerCase() === name)
    const spaces = matches ? [space] : []
    return collection({
      itemType: 'Space',
      items: spaces.slice(query.skip, query.skip + query.take),
      total: spaces.length,
      skip: query.skip,
      take: query.take,
      path: '/api/spaces',
      query: request.query as Record<string, unknown>,
    })
  },
})

/** `GET /api/spaces/all`. */
export const listAllSpaces = operation({
  method: 'GET',
  path: '/spaces/all',
  scope: 'server',
  permission: 'authenticated',
  summary: 'The spaces as a bare list',
  answers: { 200: 'A list of spaces.' },
  handle: async ({ context }) => [await readSpace(context.sql)],
})

/** `GET /api/spaces/{id}`. */
export const getSpace = operation({
  method: 'GET',
  path: '/spaces/{space}',
  scope: 'server',
  permission: 'authenticated',
  summary: 'One space, by id or slug',
  params: z.object({ space: z.string() }),
  answers: { 200: 'The space.', 404: 'There is no such space.' },
  // The transport has refused any other space already.
  handle: async ({ context }) => readSpace(context.sql),
})
